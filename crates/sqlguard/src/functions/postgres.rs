//! PostgreSQL: what is refused by name, before the catalogue is asked. Functions whose effects the catalogue does not tell
//! (some that run SQL they are given are called stable) matter most; the rest is here to give a better reason.

/// Why a function of that name is refused; `None` when it is not.
pub(super) fn refuses(name: &str) -> Option<&'static str> {
    let starts = |list: &[&str]| list.iter().any(|prefix| name.starts_with(prefix));
    let is = |list: &[&str]| list.contains(&name);
    if is(&FILES) || starts(&FILE_PREFIXES) {
        return Some("it reads or writes files of the server");
    }
    if starts(&["pg_sleep"]) || is(&["pg_wait_for_backend_termination"]) {
        return Some("it only waits");
    }
    if name.contains("advisory") {
        return Some("it takes or frees locks");
    }
    if is(&RUNS_SQL) || starts(&RUNS_SQL_PREFIXES) {
        return Some("it runs other SQL, here or elsewhere");
    }
    if is(&CHANGES) || starts(&CHANGE_PREFIXES) {
        return Some("it changes the session, a sequence or the server");
    }
    if is(&TELLS) || starts(&TELL_PREFIXES) {
        return Some("it tells of the server, not of the data");
    }
    None
}

const FILES: [&str; 3] = ["loread", "lowrite", "pg_current_logfile"];
const FILE_PREFIXES: [&str; 8] = [
    "pg_read_",
    "pg_ls_",
    "pg_stat_file",
    "pg_file_",
    "lo_",
    "pg_logdir",
    "pg_relation_filenode",
    "pg_relation_filepath",
];
const RUNS_SQL: [&str; 8] = [
    "ts_stat",
    "ts_rewrite",
    "crosstab",
    "connectby",
    "xpath_table",
    "xslt_process",
    "cursor_to_xml",
    "cursor_to_xmlschema",
];
const RUNS_SQL_PREFIXES: [&str; 13] = [
    "query_to_xml",
    "table_to_xml",
    "schema_to_xml",
    "database_to_xml",
    "crosstab",
    "dblink",
    "postgres_fdw",
    "http",
    "cron",
    "plpgsql_",
    "plpython",
    "plperl",
    "run_command",
];
const CHANGES: [&str; 21] = [
    "set_config",
    "nextval",
    "setval",
    "currval",
    "lastval",
    "setseed",
    "pg_notify",
    "pg_reload_conf",
    "pg_promote",
    "pg_prewarm",
    "pg_export_snapshot",
    "pg_cancel_backend",
    "pg_terminate_backend",
    "pg_switch_wal",
    "txid_current",
    "pg_current_xact_id",
    "pg_import_system_collations",
    "pg_nextoid",
    "pg_stop_making_pinned_objects",
    "pg_extension_config_dump",
    "pg_listening_channels",
];
const CHANGE_PREFIXES: [&str; 15] = [
    "pg_create_",
    "pg_drop_",
    "pg_copy_",
    "pg_backup_",
    "pg_start_",
    "pg_stop_",
    "pg_wal_",
    "pg_rotate_",
    "pg_logical_",
    "pg_replication_",
    "pg_stat_reset",
    "pg_stat_statements_reset",
    "binary_upgrade_",
    "brin_",
    "gin_clean_",
];
const TELLS: [&str; 5] = [
    "pg_config",
    "pg_hba_file_rules",
    "pg_ident_file_mappings",
    "pg_show_all_file_settings",
    "pg_get_shmem_allocations",
];
const TELL_PREFIXES: [&str; 2] = ["pg_control_", "inet_server_"];

/// Relations of the catalogue that hold secrets of other systems, or show files of the server.
pub(super) const RELATIONS: [&str; 15] = [
    "pg_authid",
    "pg_shadow",
    "pg_user",
    "pg_user_mapping",
    "pg_user_mappings",
    "pg_foreign_server",
    "pg_subscription",
    "pg_largeobject",
    "pg_file_settings",
    "pg_hba_file_rules",
    "pg_ident_file_mappings",
    "pg_config",
    "pg_settings",
    "pg_stat_ssl",
    "pg_stat_gssapi",
];
