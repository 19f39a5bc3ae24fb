/**
 * What became of Airflow 2's settings in Airflow 3, as `section.option`. Sources: CONFIGS_CHANGES in
 * airflow/cli/commands/config_command.py of 3.3.2 (the rules of `airflow config lint`), the deprecated options of its config.yml,
 * and the options of 2.11.2's config.yml that 3.3.2 and its providers have under no name.
 */
const RENAMED = new Map(
  `
admin.hide_sensitive_variable_fields core.hide_sensitive_var_conn_fields
admin.sensitive_variable_fields core.sensitive_var_conn_names
api.access_control_allow_origin api.access_control_allow_origins
api.auth_backend fab.auth_backends
api.auth_backends fab.auth_backends
api.page_size api.fallback_page_limit
celery.default_queue operators.default_queue
celery.stalled_task_timeout scheduler.task_queued_timeout
celery.task_adoption_timeout scheduler.task_queued_timeout
core.dag_concurrency core.max_active_tasks_per_dag
core.dag_file_processor_timeout dag_processor.dag_file_processor_timeout
core.dataset_manager_class core.asset_manager_class
core.dataset_manager_kwargs core.asset_manager_kwargs
core.max_db_retries database.max_db_retries
core.max_num_rendered_ti_fields_per_task core.num_dag_runs_to_retain_rendered_fields
core.non_pooled_task_slot_count core.default_pool_task_slot_count
core.sql_alchemy_conn database.sql_alchemy_conn
core.sql_alchemy_connect_args database.sql_alchemy_connect_args
core.sql_alchemy_max_overflow database.sql_alchemy_max_overflow
core.sql_alchemy_pool_enabled database.sql_alchemy_pool_enabled
core.sql_alchemy_pool_pre_ping database.sql_alchemy_pool_pre_ping
core.sql_alchemy_pool_recycle database.sql_alchemy_pool_recycle
core.sql_alchemy_pool_size database.sql_alchemy_pool_size
core.sql_alchemy_schema database.sql_alchemy_schema
core.sql_engine_collation_for_ids database.sql_engine_collation_for_ids
core.sql_engine_encoding database.sql_engine_encoding
core.worker_precheck celery.worker_precheck
kubernetes_executor.worker_pods_pending_timeout scheduler.task_queued_timeout
kubernetes_executor.worker_pods_pending_timeout_check_interval scheduler.task_queued_timeout_check_interval
metrics.statsd_allow_list metrics.metrics_allow_list
metrics.statsd_block_list metrics.metrics_block_list
scheduler.child_process_log_directory logging.dag_processor_child_process_log_directory
scheduler.dag_dir_list_interval dag_processor.refresh_interval
scheduler.deactivate_stale_dags_interval scheduler.parsing_cleanup_interval
scheduler.file_parsing_sort_mode dag_processor.file_parsing_sort_mode
scheduler.local_task_job_heartbeat_sec scheduler.task_instance_heartbeat_sec
scheduler.max_callbacks_per_loop dag_processor.max_callbacks_per_loop
scheduler.max_threads dag_processor.parsing_processes
scheduler.min_file_process_interval dag_processor.min_file_process_interval
scheduler.parsing_pre_import_modules dag_processor.parsing_pre_import_modules
scheduler.parsing_processes dag_processor.parsing_processes
scheduler.print_stats_interval dag_processor.print_stats_interval
scheduler.processor_poll_interval scheduler.scheduler_idle_sleep_time
scheduler.scheduler_zombie_task_threshold scheduler.task_instance_heartbeat_timeout
scheduler.stale_dag_threshold dag_processor.stale_dag_threshold
scheduler.stat_name_handler metrics.stat_name_handler
scheduler.statsd_allow_list metrics.metrics_allow_list
scheduler.statsd_custom_client_path metrics.statsd_custom_client_path
scheduler.statsd_datadog_enabled metrics.statsd_datadog_enabled
scheduler.statsd_datadog_metrics_tags metrics.statsd_datadog_metrics_tags
scheduler.statsd_datadog_tags metrics.statsd_datadog_tags
scheduler.statsd_host metrics.statsd_host
scheduler.statsd_on metrics.statsd_on
scheduler.statsd_port metrics.statsd_port
scheduler.statsd_prefix metrics.statsd_prefix
scheduler.zombie_detection_interval scheduler.task_instance_heartbeat_timeout_detection_interval
triggerer.default_capacity triggerer.capacity
webserver.access_denied_message fab.access_denied_message
webserver.access_logfile api.log_config
webserver.auth_rate_limit fab.auth_rate_limit
webserver.auth_rate_limited fab.auth_rate_limited
webserver.auto_refresh_interval api.auto_refresh_interval
webserver.base_url api.base_url
webserver.config_file fab.config_file
webserver.cookie_samesite fab.cookie_samesite
webserver.cookie_secure fab.cookie_secure
webserver.default_wrap api.default_wrap
webserver.enable_proxy_fix fab.enable_proxy_fix
webserver.enable_swagger_ui api.enable_swagger_ui
webserver.expose_config api.expose_config
webserver.expose_hostname fab.expose_hostname
webserver.force_log_out_after fab.session_lifetime_minutes
webserver.grid_view_sorting_order api.grid_view_sorting_order
webserver.hide_paused_dags_by_default api.hide_paused_dags_by_default
webserver.instance_name api.instance_name
webserver.log_fetch_timeout_sec api.log_fetch_timeout_sec
webserver.navbar_color fab.navbar_color
webserver.navbar_hover_color fab.navbar_hover_color
webserver.navbar_text_color fab.navbar_text_color
webserver.navbar_text_hover_color fab.navbar_text_hover_color
webserver.page_size api.fallback_page_limit
webserver.proxy_fix_x_for fab.proxy_fix_x_for
webserver.proxy_fix_x_host fab.proxy_fix_x_host
webserver.proxy_fix_x_port fab.proxy_fix_x_port
webserver.proxy_fix_x_prefix fab.proxy_fix_x_prefix
webserver.proxy_fix_x_proto fab.proxy_fix_x_proto
webserver.require_confirmation_dag_change api.require_confirmation_dag_change
webserver.secret_key api.secret_key
webserver.session_backend fab.session_backend
webserver.session_lifetime_days fab.session_lifetime_minutes
webserver.session_lifetime_minutes fab.session_lifetime_minutes
webserver.update_fab_perms fab.update_fab_perms
webserver.web_server_host api.host
webserver.web_server_port api.port
webserver.web_server_ssl_cert api.ssl_cert
webserver.web_server_ssl_key api.ssl_key
webserver.web_server_worker_timeout api.worker_timeout
webserver.workers api.workers
`
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string]),
);

/** Airflow 3 reads these under no name. */
const GONE = new Set(
  `
api: enable_experimental_api enable_xcom_deserialize_support google_key_path google_oauth2_audience
cli: api_client endpoint_url
core: check_slas dag_default_view dag_orientation dag_processor_manager_log_location database_access_isolation
  donot_pickle enable_xcom_pickling internal_api_secret_key internal_api_url load_default_connections
  log_processor_filename_template min_serialized_dag_fetch_interval strict_dataset_uri_validation task_runner
database: load_default_connections
debug: fail_fast
lineage: backend
logging: colored_formatter_class colored_log_format dag_processor_manager_log_location
  dag_processor_manager_log_stdout enable_task_context_logger log_processor_filename_template
  use_historical_filename_templates
metrics: metrics_use_pattern_match timer_unit_consistency
operators: allow_illegal_arguments
scheduler: allow_trigger_in_future dag_stale_not_seen_duration dependency_detector schedule_after_task_execution
  standalone_dag_processor
smtp: smtp_password smtp_user
traces: otel_task_log_event
webserver: access_logformat allow_raw_html_descriptions allowed_payload_size analytics_id analytics_tool
  analytics_url audit_view_excluded_events audit_view_included_events caching_hash_method dag_default_view
  dag_orientation default_dag_run_display_number default_ui_timezone error_logfile expose_stacktrace
  instance_name_has_markup log_animation_speed log_auto_tailing_offset log_fetch_delay_sec max_form_memory_size
  max_form_parts navbar_logo_text_color num_recent_configurations_for_trigger reload_on_plugin_change
  run_internal_api show_recent_stats_for_completed_runs show_trigger_form_if_no_params warn_deployment_exposure
  web_server_master_timeout worker_class worker_refresh_batch_size worker_refresh_interval x_frame_enabled
`
    .trim()
    .split(/\n(?=\w)/)
    .flatMap((line) => {
      const [section, options = ''] = line.split(':');
      return options
        .trim()
        .split(/\s+/)
        .map((option) => `${section}.${option}`);
    }),
);

/** The unit is another one, too: the value cannot stay as it is. */
const OTHER_UNIT = new Set(['webserver.session_lifetime_days']);

/** What Airflow 3 makes of a variable such as AIRFLOW__WEBSERVER__SECRET_KEY. */
export type Fate = { kind: 'same' } | { kind: 'gone' } | { kind: 'renamed'; to: string; sameUnit: boolean };

/** `_CMD` and `_SECRET` say where the value of a setting comes from. */
const SOURCE_SUFFIX = /_(CMD|SECRET)$/;

/** Says what Airflow 3 makes of one of Airflow 2's settings; `same` for whatever is no setting, or one that it knows. */
export function inAirflow3(variable: string): Fate {
  const match = /^AIRFLOW__([A-Z0-9_]+?)__([A-Z0-9_]+)$/.exec(variable);
  if (!match) return { kind: 'same' };
  const [, section = '', option = ''] = match;
  const fate = fateOf(section, option);
  const suffix = SOURCE_SUFFIX.exec(option)?.[0];
  if (fate.kind !== 'same' || !suffix) return fate;
  const plain = fateOf(section, option.slice(0, -suffix.length));
  return plain.kind === 'renamed' ? { ...plain, to: plain.to + suffix } : plain;
}

function fateOf(section: string, option: string): Fate {
  const key = `${section}.${option}`.toLowerCase();
  const to = RENAMED.get(key);
  if (to)
    return {
      kind: 'renamed',
      to: `AIRFLOW__${to.replace('.', '__').toUpperCase()}`,
      sameUnit: !OTHER_UNIT.has(key),
    };
  return { kind: GONE.has(key) ? 'gone' : 'same' };
}
