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
            DeleteArtifact CountArtifacts FilterLatestArtifacts CountLatestArtifacts
            CreateBlockType ReadBlockType ReadBlockTypeBySlug FilterBlockTypes UpdateBlockType
            DeleteBlockType InstallSystemBlockTypes ReadBlockCapabilities
            CreateBlockSchema ReadBlockSchema ReadBlockSchemaByChecksum FilterBlockSchemas
            DeleteBlockSchema
            CreateBlockDocument ReadBlockDocument ReadBlockDocumentByName ReadBlockDocumentsOfType
            FilterBlockDocuments CountBlockDocuments UpdateBlockDocument DeleteBlockDocument
            CreateApiKey FilterApiKeys RevokeApiKey
            SetVariable ReadVariable ReadVariableById FilterVariables CountVariables UpdateVariable
            UpdateVariableById DeleteVariable DeleteVariableById
            CreateFlowRunInput ReadFlowRunInput FilterFlowRunInput DeleteFlowRunInput
            SetSavedSearch ReadSavedSearch FilterSavedSearches DeleteSavedSearch
            ReadDefaultStorage SetDefaultStorage ClearDefaultStorage
            SetTagLimit ReadTagLimit ReadTagLimitById FilterTagLimits DeleteTagLimit
            DeleteTagLimitById ResetTagLimit TakeTagSlots GiveTagSlotsBack
            CreateGlobalLimit ReadGlobalLimit FilterGlobalLimits UpdateGlobalLimit DeleteGlobalLimit
            TakeSlots GiveSlotsBack LeaseSlots RenewSlotLease EndSlotLease
            SetConcurrencyLimit ReadConcurrencyLimit FilterConcurrencyLimits
            DeleteConcurrencyLimit ResetConcurrencyLimit AcquireSlots ReleaseSlots
            ReadRunHistory ReadTimeline ReadSubflows ReadTaskRunCounts ReadTaskRunResult
            SearchLogs ReadSlots
        }
    };
}
pub(crate) use each_operation;
