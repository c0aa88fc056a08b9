//! The list of all operations: what a client can call, and what a server mounts.

/// Hands the names of all operations to a macro.
macro_rules! each_operation {
    ($then:ident) => {
        $then! {
            CreateFlow ReadFlow ReadFlowByName FilterFlows
            CreateFlowRun ReadFlowRun UpdateFlowRun DeleteFlowRun FilterFlowRuns CountFlowRuns
            SetFlowRunState ReadFlowRunStates
            TotalFlows TotalFlowRuns TotalTaskRuns ReadFlowRunLateness
            PaginateFlows PaginateFlowRuns PaginateTaskRuns
            ReadFlowRunHistory ReadTaskRunHistory
            ReadFlowRunDependencies ReadFlowRunGraph
            BulkDeleteFlowRuns BulkSetFlowRunState ResumeFlowRun UpdateFlowRunLabels
            FilterEvents ReadNextEvents
            ClaimFlowRun ReleaseFlowRun RenewLeases ReapFlowRuns
            CreateTaskRun SetTaskRunState UpdateTaskRun
            ReadTaskRun FilterTaskRuns CountTaskRuns ReadTaskRunStates ReadRecordedCalls
            ReadCachedResult
            CreateLogs FilterLogs
            EmitEvents
            ReportFlowRun ReportTaskRuns ReportLogs ReportArtifacts
            CreateArtifact ReadArtifact ReadLatestArtifact FilterArtifacts UpdateArtifact
            DeleteArtifact
            SetVariable ReadVariable FilterVariables DeleteVariable
            SetConcurrencyLimit ReadConcurrencyLimit FilterConcurrencyLimits
            DeleteConcurrencyLimit ResetConcurrencyLimit AcquireSlots ReleaseSlots
            ReadRunHistory ReadTimeline ReadSubflows ReadTaskRunCounts ReadTaskRunResult
            SearchLogs ReadSlots
        }
    };
}
pub(crate) use each_operation;
