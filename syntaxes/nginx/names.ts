/*
 * Names of directives, https://nginx.org/en/docs/dirindex.html. Not all of them: those that decide what a text is, and where a
 * directive starts that was not ended before.
 */

/** Directives that are no usual argument of another one: at the start of a line they start a directive. */
export const STARTING_NAMES: ReadonlySet<string> = new Set(
  `server location upstream listen root alias return rewrite include index allow deny expires autoindex internal if set
  try_files server_name server_tokens error_page error_log access_log log_format log_not_found default_type
  add_header add_trailer more_set_headers more_clear_headers
  proxy_pass proxy_set_header proxy_hide_header proxy_pass_header proxy_http_version proxy_redirect proxy_buffering proxy_buffers
  proxy_buffer_size proxy_busy_buffers_size proxy_cache proxy_cache_bypass proxy_cache_key proxy_cache_path proxy_cache_valid
  proxy_cache_use_stale proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_next_upstream proxy_no_cache
  proxy_request_buffering proxy_intercept_errors proxy_cookie_path proxy_ssl_verify proxy_ssl_server_name
  proxy_ssl_trusted_certificate proxy_ssl_protocols proxy_ssl_name proxy_max_temp_file_size
  fastcgi_pass fastcgi_param fastcgi_index fastcgi_split_path_info fastcgi_buffers fastcgi_buffer_size fastcgi_read_timeout
  fastcgi_hide_header fastcgi_intercept_errors fastcgi_cache uwsgi_pass uwsgi_param scgi_pass scgi_param grpc_pass grpc_set_header
  ssl_certificate ssl_certificate_key ssl_protocols ssl_ciphers ssl_prefer_server_ciphers ssl_session_cache ssl_session_timeout
  ssl_session_tickets ssl_stapling ssl_stapling_verify ssl_trusted_certificate ssl_client_certificate ssl_verify_client
  ssl_verify_depth ssl_dhparam ssl_ecdh_curve ssl_early_data ssl_buffer_size ssl_conf_command ssl_reject_handshake
  client_max_body_size client_body_buffer_size client_body_timeout client_header_buffer_size client_header_timeout
  large_client_header_buffers keepalive_timeout keepalive_requests send_timeout reset_timedout_connection lingering_close
  sendfile tcp_nopush tcp_nodelay types_hash_max_size types_hash_bucket_size server_names_hash_bucket_size
  server_names_hash_max_size server_name_in_redirect port_in_redirect absolute_redirect underscores_in_headers
  open_file_cache open_file_cache_valid open_file_cache_min_uses open_file_cache_errors resolver resolver_timeout
  gzip gzip_types gzip_vary gzip_proxied gzip_comp_level gzip_min_length gzip_http_version gzip_disable gzip_static gzip_buffers
  auth_basic auth_basic_user_file auth_request auth_request_set satisfy limit_req limit_req_zone limit_req_status limit_conn
  limit_conn_zone limit_conn_status limit_rate limit_rate_after limit_except real_ip_header real_ip_recursive set_real_ip_from
  worker_processes worker_connections worker_rlimit_nofile pid multi_accept daemon master_process env load_module
  stub_status sub_filter sub_filter_once sub_filter_types secure_link secure_link_md5 valid_referers charset etag if_modified_since
  split_clients geo map ssl_preread proxy_timeout events http stream mail`.split(/\s+/),
);

/** Directives that stand above all blocks, or open the ones at the top. */
export const MAIN_NAMES: ReadonlySet<string> = new Set(
  'events http stream mail worker_processes user pid daemon master_process load_module worker_rlimit_nofile env worker_cpu_affinity worker_priority pcre_jit rtmp'.split(
    ' ',
  ),
);

/** Directives that stand in `http` and not in `server` or below. */
export const HTTP_NAMES: ReadonlySet<string> = new Set(
  'upstream log_format limit_req_zone limit_conn_zone proxy_cache_path fastcgi_cache_path uwsgi_cache_path geo split_clients server_names_hash_bucket_size server_names_hash_max_size variables_hash_max_size map_hash_bucket_size map_hash_max_size lua_package_path lua_shared_dict init_by_lua_block init_worker_by_lua_block'.split(
    ' ',
  ),
);

/** Directives that stand in `server` or in it and below, but not in `http`. */
export const SERVER_NAMES: ReadonlySet<string> = new Set(
  'listen server_name location try_files return rewrite if set set_by_lua_block'.split(' '),
);

/** Directives that stand only in `location` and below. */
export const LOCATION_NAMES: ReadonlySet<string> = new Set(
  'proxy_pass fastcgi_pass uwsgi_pass scgi_pass grpc_pass alias internal stub_status memcached_pass limit_except'.split(
    ' ',
  ),
);

/** Blocks of data: what looks like a directive in them is an entry. */
export const DATA_BLOCKS: ReadonlySet<string> = new Set(
  'map geo types split_clients charset_map match'.split(' '),
);
