/*
 * The keys that the Compose specification knows, as of 2026-11-24. Taken from its schema, with the attestations of a build that
 * https://github.com/compose-spec/compose-go/pull/809 added. To check an entry, look it up in
 * https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json or in the reference,
 * https://docs.docker.com/reference/compose-file/.
 */

/** The parts of a file whose keys are known. */
export type ComposePart =
  | 'file'
  | 'service'
  | 'build'
  | 'deploy'
  | 'resources'
  | 'limits'
  | 'restart_policy'
  | 'healthcheck'
  | 'logging';

export const COMPOSE_KEYS: Readonly<Record<ComposePart, ReadonlySet<string>>> = {
  file: words('version name include services models networks volumes secrets configs'),
  service: words(
    'annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent ' +
      'cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop ' +
      'device_cgroup_rules devices dns dns_opt dns_search domainname driver_opts entrypoint env_file environment expose extends ' +
      'external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging ' +
      'mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj ' +
      'pid pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy pull_refresh_after read_only restart ' +
      'runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits ' +
      'use_api_socket user userns_mode uts volumes volumes_from working_dir',
  ),
  build: words(
    'additional_contexts args cache_from cache_to context dockerfile dockerfile_inline entitlements extra_hosts isolation labels ' +
      'network no_cache platforms privileged provenance pull sbom secrets shm_size ssh tags target ulimits',
  ),
  deploy: words(
    'endpoint_mode labels mode placement replicas resources restart_policy rollback_config update_config',
  ),
  resources: words('limits reservations'),
  limits: words('cpus memory pids'),
  restart_policy: words('condition delay max_attempts window'),
  healthcheck: words('disable interval retries start_interval start_period test timeout'),
  logging: words('driver options'),
};

/** Keys of a service under names that people expect or that Compose v1 had, and where the setting is written now. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  net: 'network_mode',
  network: 'networks',
  env: 'environment',
  cmd: 'command',
  memory: 'mem_limit',
  memory_limit: 'mem_limit',
  cpu: 'cpus',
  cpu_limit: 'cpus',
  workdir: 'working_dir',
  mounts: 'volumes',
  capabilities: 'cap_add',
  dependencies: 'depends_on',
  requires: 'depends_on',
};

/** Keys that are known in another place, for those who write them on a service. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  replicas: 'deploy.replicas',
  resources: 'deploy.resources',
  limits: 'deploy.resources.limits',
  placement: 'deploy.placement',
  restart_policy: 'deploy.restart_policy',
  update_config: 'deploy.update_config',
  dockerfile: 'build.dockerfile',
  context: 'build.context',
  args: 'build.args',
  target: 'build.target',
  log_driver: 'logging.driver',
  log_opt: 'logging.options',
};

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}
