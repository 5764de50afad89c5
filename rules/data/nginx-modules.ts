/*
 * Directives that the documentation of nginx does not list: those of modules by others, compiled by hand on 2026-11-25 from what the
 * modules document, and those that nginx knew once. To check an entry, look for the name in the module's README:
 * - https://github.com/openresty/lua-nginx-module, …/headers-more-nginx-module, …/echo-nginx-module, …/set-misc-nginx-module,
 *   …/srcache-nginx-module, …/redis2-nginx-module, …/memc-nginx-module, …/array-var-nginx-module, …/encrypted-session-nginx-module
 * - https://github.com/google/ngx_brotli, https://github.com/tokers/zstd-nginx-module, https://github.com/apache/incubator-pagespeed-ngx
 * - https://github.com/owasp-modsecurity/ModSecurity-nginx, https://github.com/wargio/naxsi
 * - https://github.com/vozlt/nginx-module-vts, …-sts, https://github.com/leev/ngx_http_geoip2_module
 * - https://github.com/arut/nginx-rtmp-module, https://github.com/arut/nginx-dav-ext-module, https://github.com/kaltura/nginx-vod-module
 * - https://github.com/yaoweibin/nginx_upstream_check_module, https://github.com/FRiCKLE/ngx_cache_purge
 * - https://github.com/GetPageSpeed/ngx_security_headers, https://www.phusionpassenger.com/docs/references/config_reference/nginx/
 * - https://angie.software/en/, https://tengine.taobao.org/document/, https://freenginx.org/en/docs/
 */

/** How names of modules by others begin. */
const PREFIX =
  /^(?:lua|more|brotli|zstd|unbrotli|pagespeed|modsecurity|vhost_traffic|server_traffic|stream_server_traffic|geoip2|rtmp|passenger|naxsi|check|echo|srcache|memc|redis2?|drizzle|postgres|pg|rds|array|encrypted_session|set_(?!real_ip)|auth_(?:ldap|pam|digest|spnego|gss|totp|saml|radius|cookie|cas|zone|http2|token|sasl|crowd)|akamai|opentracing|opentelemetry|jaeger|zipkin|datadog|newrelic|nchan|push_stream|upload|vod|dash|live|play|record|exec|on|pull|push|notify|fancyindex|dav_ext|small_light|cache_purge|session_(?:sticky|store)|consistent|fair|dyups|dynamic|upstream_(?:show|fair|check|jdomain|order|consistent)|jdomain|concat|trim|footer|subs|replace|substitutions|sorted_querystring|testcookie|cookie_flag|captcha|limit_(?:upload|traffic|speed)|req_status|reqstat|sysguard|tfs|slab|ssl_ct|ssl_(?:async|asynch|engine_|dyn_rec|handshake)|njt|njs|wasm|proxy_wasm|pam|ldap|spnego|saml|uuid|security_headers|hide_server|anti|cors|bot|maxmind|ip2location|ip2proxy|graphite|statsd|kafka|mongo|gridfs|zip|secure_token|secure_download|webp|avif|pngquant|mogilefs|dns|http_proxy|proxy_connect|forward|haproxy|eval|iconv|xss|form_input|length_hiding|slowfs|supervisord|syslog|udplog|json|tarantool|tnt|unzip|untar|vips|clojure|jvm|python|php|mruby|rack|rails|unit|accounting|log_zmq|log_sqlite|lower_upper|aws|s3|gcs|azure|vault|wallarm|app_protect|appprotect|imunify|shibboleth|shib|websockify|http_flv|flv_live|gop|docker|api_gateway|otp|spdy|immutable)_/;

/** Whole names of modules by others. */
const NAMES: ReadonlySet<string> = new Set(
  `brotli zstd gunzip modsecurity fancyindex pagespeed rtmp echo cache_purge concat trim dav_ext_methods sticky check check_status
  SecRulesEnabled SecRulesDisabled LearningMode LibInjectionSql LibInjectionXss DeniedUrl CheckRule BasicRule MainRule
  security_headers security_headers_text_types hide_server_tokens application live recorder play meta interleave wait_key chunk_size
  dash ping buflen respawn publish_notify drop_idle_publisher sync wait_video out_queue out_cork busy ack_window max_streams
  max_message vod fair delayed uploadprogress report_uploads track_uploads subs_filter subs_filter_types replace_filter xss_get
  auth_ldap ldap_server wasm modules sticky_no_fallback limit_req_whitelist gzip_clear_etag proxy_upstream_tries footer`.split(
    /\s+/,
  ),
);

/** What nginx knew once: https://nginx.org/en/CHANGES. */
const ONCE: ReadonlySet<string> = new Set(
  'ssl limit_zone spdy_chunk_size spdy_headers_comp http2_push http2_push_preload http2_max_concurrent_pushes optimize_server_names open_file_cache_retest post_accept_timeout log_stderr auth_http_pass_client_cert uwsgi_string proxy_downstream_buffer proxy_upstream_buffer connections'.split(
    ' ',
  ),
);

/** Whether a name may belong to a module by others, or to an older nginx. */
export function isForeignDirective(name: string): boolean {
  return PREFIX.test(name) || NAMES.has(name) || ONCE.has(name) || /_by_lua(?:_|$)|[A-Z]/.test(name);
}
