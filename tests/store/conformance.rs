//! The cases that hold for every database, on every database.

use flowkit::api::Client;
use flowkit::settings::{DatabaseUrl, Environment, Profiles, Settings};

use super::clock;
use crate::support::postgres::Database;

async fn on_a_file(case: impl AsyncFnOnce(&Client)) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("flowkit.db"));
    case(&open(&url).await).await;
}

async fn open(url: &DatabaseUrl) -> Client {
    let key = "not-a-secret-but-long-enough-to-be-one";
    let environment = Environment::of([("FLOWKIT_HOME", "."), ("FLOWKIT_ENCRYPTION_KEY", key)]);
    let settings = Settings::from_sources(&environment, &Profiles::default(), None);
    let client = Client::open(url, clock()).await.expect("a database");
    client.encrypted_by(&settings.expect("usable"))
}

async fn in_memory(case: impl AsyncFnOnce(&Client)) {
    case(&open(&DatabaseUrl::Memory).await).await;
}

async fn on_postgres(case: impl AsyncFnOnce(&Client)) {
    let database = Database::new().await;
    case(&open(&database.url()).await).await;
}

/// Each case on each database.
macro_rules! conform {
    ($($noun:ident { $($case:ident)* })*) => {$(
        mod $noun {
            mod on_a_file {$(
                #[tokio::test]
                async fn $case() {
                    super::super::on_a_file(crate::store::$noun::$case).await;
                }
            )*}

            mod on_postgres {$(
                #[tokio::test]
                async fn $case() {
                    super::super::on_postgres(crate::store::$noun::$case).await;
                }
            )*}

            mod in_memory {$(
                #[tokio::test]
                async fn $case() {
                    super::super::in_memory(crate::store::$noun::$case).await;
                }
            )*}
        }
    )*};
}

conform! {
    flow {
        flow_is_made_once
        flow_is_found_by_part_of_its_name
        unknown_flow_is_not_found
    }
    flow_run {
        run_is_read_as_it_was_made
        run_needs_a_flow
        same_key_makes_one_run
        change_keeps_what_was_not_given
        runs_are_found_by_what_they_are
        runs_are_listed_in_order_and_in_parts
        deleted_run_takes_all_that_belongs_to_it
        run_that_is_executed_is_not_deleted
    }
    filter {
        flow_runs_are_found_in_prefects_words
        task_runs_are_found_in_prefects_words
        flows_are_found_in_prefects_words
        log_lines_are_found_in_prefects_words
        lists_have_an_order
        pages_say_how_long_the_list_is
        too_much_at_once_is_refused
    }
    run_history {
        runs_are_counted_where_they_were_to_start
        lateness_is_an_average
    }
    graph {
        nodes_know_what_they_wait_for
        dependencies_name_each_input_once
        unknown_run_has_no_graph
    }
    resume {
        paused_run_goes_on
        run_that_is_not_paused_does_not_resume
        labels_are_added
    }
    bulk {
        runs_are_deleted_but_for_those_being_executed
        state_is_proposed_for_each_run
    }
    state {
        states_are_kept_in_order
        rules_decide_about_a_state
        force_passes_over_the_rules
        failed_run_awaits_its_retry
        pause_fires_once
        waiting_run_without_a_process_is_cancelled_at_once
    }
    lease {
        claimed_run_is_not_claimed_twice
        lease_that_is_over_is_taken_over
        lease_is_held_while_its_file_is_locked
        lease_ends_with_the_lock_of_its_file
        holder_hears_what_others_want
        released_run_is_not_reaped
        run_of_a_dead_process_is_crashed
        cancelling_run_of_a_dead_process_is_cancelled
        counts_of_a_dead_process_are_counted_anew
    }
    task_run {
        record_is_read_as_it_was_committed
        later_commit_changes_the_row
        told_record_is_kept_by_a_flush
        row_holds_what_the_record_was_when_its_turn_came
        run_on_its_own_has_no_flow_run
        runs_are_found_by_what_they_are
        slowest_runs_come_first
        runs_are_counted_by_state
        recorded_calls_are_found_again
        kept_result_is_found_until_it_expires
    }
    log {
        lines_are_listed_in_order
        lines_are_found_by_what_they_are
        long_line_is_kept_whole
    }
    artifact {
        artifact_is_read_as_it_was_made
        newest_of_a_key_is_the_latest
        artifact_is_changed_and_deleted
        key_with_other_letters_is_refused
    }
    block {
        type_is_registered_once
        system_types_are_installed_once
        schema_is_found_by_what_its_fields_hash_to
        secrets_are_masked_unless_they_are_asked_for
        masks_that_come_back_change_nothing
        name_is_taken_once_in_a_type
        anonymous_block_is_kept_once
        referred_blocks_stand_in_the_data
        blocks_are_found_by_what_they_are
        type_takes_its_blocks_with_it
        names_of_others_are_only_text
    }
    global_limit {
        limit_is_made_changed_and_deleted
        slots_without_a_lease_are_counted
        lease_ends_by_itself_or_is_renewed
        ended_lease_is_not_renewed_by_anybody_at_once
        rate_lets_so_many_in_a_second
        names_are_checked_and_numbers_too
        tags_are_limited_as_prefect_has_it
    }
    small {
        input_is_handed_to_a_run
        search_is_saved_under_its_name
        default_storage_is_a_block_that_is_there
    }
    variable {
        variable_is_changed_only_when_told_to
        variables_are_listed_by_name
        change_keeps_what_was_not_given
        name_with_other_letters_is_refused
    }
    concurrency {
        slots_are_taken_all_or_none
        limit_that_is_too_small_is_never_free
        slots_of_a_dead_holder_are_free
        renewed_slots_stay_taken
        released_and_reset_slots_are_free
        limits_are_listed_and_deleted
    }
    retention {
        old_runs_go_and_new_ones_stay
        old_lines_go_and_new_ones_stay
        reset_leaves_nothing
        schema_has_a_version
    }
}
