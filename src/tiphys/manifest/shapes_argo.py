"""The fields of Argo Workflows' documents, v4.1.2, as a table.

One line for each type: its name, then its fields; `field:type` where a field is not text. The notation is explained in
`shapes.py`. A test holds the table against upstream's own JSON schema.
"""

from __future__ import annotations

TABLE = """
ArchiveStrategy: tar:TarStrategy none:NoneStrategy zip:ZipStrategy
Arguments: parameters:[Parameter]@name artifacts:[Artifact]@name
ArtGCStatus: strategiesProcessed:{bool} podsRecouped:{bool} notSpecified:bool
Artifact: name path mode:int from +ArtifactLocation globalName archive:ArchiveStrategy optional:bool subPath
  recurseMode:bool fromExpression artifactGC:ArtifactGC deleted:bool
ArtifactGC: strategy podMetadata:Metadata serviceAccountName
ArtifactLocation: archiveLogs:bool s3:S3Artifact git:GitArtifact http:HTTPArtifact artifactory:ArtifactoryArtifact
  hdfs:HDFSArtifact raw:RawArtifact oss:OSSArtifact gcs:GCSArtifact azure:AzureArtifact plugin:PluginArtifact
ArtifactPaths: +Artifact
ArtifactRepository: archiveLogs:bool s3:S3ArtifactRepository artifactory:ArtifactoryArtifactRepository
  hdfs:HDFSArtifactRepository oss:OSSArtifactRepository gcs:GCSArtifactRepository azure:AzureArtifactRepository
  plugin:PluginArtifactRepository
ArtifactRepositoryRef: configMap key
ArtifactRepositoryRefStatus: configMap key namespace default:bool artifactRepository:ArtifactRepository
ArtifactoryArtifact: url usernameSecret:SecretKeySelector passwordSecret:SecretKeySelector
ArtifactoryArtifactRepository: usernameSecret:SecretKeySelector passwordSecret:SecretKeySelector repoURL keyFormat
AzureArtifact: endpoint container accountKeySecret:SecretKeySelector useSDKCreds:bool blob
AzureArtifactRepository: endpoint container accountKeySecret:SecretKeySelector useSDKCreds:bool blobNameFormat
Backoff: duration factor:intstr maxDuration cap
BasicAuth: usernameSecret:SecretKeySelector passwordSecret:SecretKeySelector
Cache: configMap:LocalObjectReference
ClientCertAuth: clientCertSecret:SecretKeySelector clientKeySecret:SecretKeySelector
ClusterWorkflowTemplate: kind apiVersion metadata:ObjectMeta spec:WorkflowSpec
Condition: type status message
ContainerNode: +Container dependencies:[text]
ContainerSetRetryStrategy: duration retries:intstr
ContainerSetTemplate: containers:[ContainerNode] volumeMounts:[VolumeMount] retryStrategy:ContainerSetRetryStrategy
ContinueOn: error:bool failed:bool
Counter: value
CreateS3BucketOptions: objectLocking:bool
CronWorkflow: kind apiVersion metadata:ObjectMeta spec:CronWorkflowSpec status:CronWorkflowStatus
CronWorkflowSpec: workflowSpec:WorkflowSpec concurrencyPolicy suspend:bool startingDeadlineSeconds:int
  successfulJobsHistoryLimit:int failedJobsHistoryLimit:int timezone workflowMetadata:ObjectMeta
  stopStrategy:StopStrategy schedules:[text] when
CronWorkflowStatus: active:[ObjectReference] lastScheduledTime conditions:[Condition] succeeded:int failed:int phase
DAGTask: name template inline:Template arguments:Arguments templateRef:TemplateRef dependencies:[text]
  withItems:[json] withParam withSequence:Sequence when continueOn:ContinueOn onExit depends hooks:{LifecycleHook}
DAGTemplate: target tasks:[DAGTask]@name failFast:bool
Data: source:DataSource transformation:[TransformationStep]
DataSource: artifactPaths:ArtifactPaths
Event: selector
ExecutorConfig: serviceAccountName
ExecutorPlugin: metadata:ObjectMeta spec:ExecutorPluginSpec
ExecutorPluginSidecar: automountServiceAccountToken:bool container:Container
ExecutorPluginSpec: sidecar:ExecutorPluginSidecar
GCSArtifact: bucket serviceAccountKeySecret:SecretKeySelector key
GCSArtifactRepository: bucket serviceAccountKeySecret:SecretKeySelector keyFormat
Gauge: value realtime:bool operation
GitArtifact: repo revision depth:int fetch:[text] usernameSecret:SecretKeySelector passwordSecret:SecretKeySelector
  sshPrivateKeySecret:SecretKeySelector insecureIgnoreHostKey:bool disableSubmodules:bool singleBranch:bool branch
  insecureSkipTLS:bool
HDFSArtifact: krbCCacheSecret:SecretKeySelector krbKeytabSecret:SecretKeySelector krbUsername krbRealm
  krbConfigConfigMap:ConfigMapKeySelector krbServicePrincipalName addresses:[text] hdfsUser dataTransferProtection
  path force:bool
HDFSArtifactRepository: krbCCacheSecret:SecretKeySelector krbKeytabSecret:SecretKeySelector krbUsername krbRealm
  krbConfigConfigMap:ConfigMapKeySelector krbServicePrincipalName addresses:[text] hdfsUser dataTransferProtection
  pathFormat force:bool
HTTP: method url headers:[HTTPHeader] timeoutSeconds:int successCondition body bodyFrom:HTTPBodySource
  insecureSkipVerify:bool
HTTPArtifact: url headers:[Header] auth:HTTPAuth saveStreamViaFile:bool
HTTPAuth: clientCert:ClientCertAuth oauth2:OAuth2Auth basicAuth:BasicAuth
HTTPBodySource: bytes
HTTPHeader: name value valueFrom:HTTPHeaderSource
HTTPHeaderSource: secretKeyRef:SecretKeySelector
Header: name value
Histogram: value buckets:[number]
Inputs: +Arguments
LabelValueFrom: expression
LifecycleHook: template arguments:Arguments templateRef:TemplateRef expression
ManifestFrom: artifact:Artifact
MemoizationStatus: hit:bool key cacheName
Memoize: key cache:Cache maxAge
Metadata: annotations:{text} labels:{text}
MetricLabel: key value
Metrics: prometheus:[Prometheus]
Mutex: name namespace database:bool
MutexHolding: mutex holder
MutexStatus: holding:[MutexHolding] waiting:[MutexHolding]
NodeFlag: hooked:bool retried:bool
NodeStatus: id name displayName type templateName templateRef:TemplateRef templateScope phase boundaryID message
  startedAt finishedAt estimatedDuration:int progress resourcesDuration:{int} podIP daemoned:bool nodeFlag:NodeFlag
  inputs:Inputs outputs:Outputs children:[text] outboundNodes:[text] hostNodeName memoizationStatus:MemoizationStatus
  synchronizationStatus:NodeSynchronizationStatus taskResultSynced:bool failedPodRestarts:int restartingPodUID
NodeSynchronizationStatus: waiting
NoneStrategy:
OAuth2Auth: clientIDSecret:SecretKeySelector clientSecretSecret:SecretKeySelector tokenURLSecret:SecretKeySelector
  scopes:[text] endpointParams:[OAuth2EndpointParam]
OAuth2EndpointParam: key value
OSSArtifact: endpoint bucket accessKeySecret:SecretKeySelector secretKeySecret:SecretKeySelector
  createBucketIfNotPresent:bool securityToken lifecycleRule:OSSLifecycleRule useSDKCreds:bool key
OSSArtifactRepository: endpoint bucket accessKeySecret:SecretKeySelector secretKeySecret:SecretKeySelector
  createBucketIfNotPresent:bool securityToken lifecycleRule:OSSLifecycleRule useSDKCreds:bool keyFormat
OSSLifecycleRule: markInfrequentAccessAfterDays:int markDeletionAfterDays:int
Outputs: result exitCode +Arguments
Parameter: name default:any value:any valueFrom:ValueFrom globalName enum:[any] description:any
PluginArtifact: name configuration connectionTimeoutSeconds:int key
PluginArtifactRepository: name keyFormat configuration
PodGC: strategy labelSelector:LabelSelector deleteDelayDuration
Prometheus: name labels:[MetricLabel] help when gauge:Gauge histogram:Histogram counter:Counter
RawArtifact: data
ResourceTemplate: action mergeStrategy manifest manifestFrom:ManifestFrom setOwnerReference:bool successCondition
  failureCondition flags:[text]
RetryAffinity: nodeAntiAffinity:RetryNodeAntiAffinity
RetryNodeAntiAffinity:
RetryStrategy: limit:intstr retryPolicy backoff:Backoff affinity:RetryAffinity expression
S3Artifact: endpoint bucket region insecure:bool accessKeySecret:SecretKeySelector secretKeySecret:SecretKeySelector
  sessionTokenSecret:SecretKeySelector roleARN useSDKCreds:bool createBucketIfNotPresent:CreateS3BucketOptions
  encryptionOptions:S3EncryptionOptions caSecret:SecretKeySelector addressingStyle key
S3ArtifactRepository: endpoint bucket region insecure:bool accessKeySecret:SecretKeySelector
  secretKeySecret:SecretKeySelector sessionTokenSecret:SecretKeySelector roleARN useSDKCreds:bool
  createBucketIfNotPresent:CreateS3BucketOptions encryptionOptions:S3EncryptionOptions caSecret:SecretKeySelector
  addressingStyle keyFormat keyPrefix
S3EncryptionOptions: kmsKeyId kmsEncryptionContext enableEncryption:bool serverSideCustomerKeySecret:SecretKeySelector
ScriptTemplate: +Container source
SemaphoreHolding: semaphore holders:[text]
SemaphoreRef: configMapKeyRef:ConfigMapKeySelector namespace database:SyncDatabaseRef
SemaphoreStatus: holding:[SemaphoreHolding] waiting:[SemaphoreHolding]
Sequence: count:intstr start:intstr end:intstr format
StopStrategy: expression
Submit: workflowTemplateRef:WorkflowTemplateRef metadata:ObjectMeta arguments:Arguments
SuppliedValueFrom:
SuspendTemplate: duration
SyncDatabaseRef: key
Synchronization: semaphores:[SemaphoreRef] mutexes:[Mutex]
SynchronizationStatus: semaphore:SemaphoreStatus mutex:MutexStatus
TTLStrategy: secondsAfterCompletion:int secondsAfterSuccess:int secondsAfterFailure:int
TarStrategy: compressionLevel:int
Template: name inputs:Inputs outputs:Outputs nodeSelector:{text} affinity:Affinity metadata:Metadata daemon:bool
  steps:[[WorkflowStep]] container:Container containerSet:ContainerSetTemplate script:ScriptTemplate
  resource:ResourceTemplate dag:DAGTemplate suspend:SuspendTemplate data:Data http:HTTP plugin:plugin
  volumes:[Volume]@name initContainers:[UserContainer]@name sidecars:[UserContainer]@name
  archiveLocation:ArtifactLocation activeDeadlineSeconds:intstr retryStrategy:RetryStrategy parallelism:int
  failFast:bool tolerations:[Toleration]@key schedulerName priorityClassName serviceAccountName
  automountServiceAccountToken:bool executor:ExecutorConfig hostAliases:[HostAlias]@ip
  securityContext:PodSecurityContext podSpecPatch metrics:Metrics synchronization:Synchronization memoize:Memoize
  timeout annotations:{text} pendingTimeout podResources:ResourceRequirements resourceClaims:[PodResourceClaim]
TemplateRef: name template clusterScope:bool
TransformationStep: expression
UserContainer: +Container mirrorVolumeMounts:bool
ValueFrom: path jsonPath jqFilter event parameter supplied:SuppliedValueFrom configMapKeyRef:ConfigMapKeySelector
  default:any expression
VolumeClaimGC: strategy
Workflow: kind apiVersion metadata:ObjectMeta spec:WorkflowSpec status:WorkflowStatus
WorkflowEventBinding: kind apiVersion metadata:ObjectMeta spec:WorkflowEventBindingSpec
WorkflowEventBindingSpec: event:Event submit:Submit
WorkflowLevelArtifactGC: strategy podMetadata:Metadata serviceAccountName forceFinalizerRemoval:bool podSpecPatch
WorkflowMetadata: labels:{text} annotations:{text} labelsFrom:{LabelValueFrom}
WorkflowSpec: templates:[Template]@name entrypoint arguments:Arguments serviceAccountName
  automountServiceAccountToken:bool executor:ExecutorConfig volumes:[Volume]@name
  volumeClaimTemplates:[PersistentVolumeClaim] parallelism:int artifactRepositoryRef:ArtifactRepositoryRef
  suspend:bool nodeSelector:{text} affinity:Affinity tolerations:[Toleration]@key
  imagePullSecrets:[LocalObjectReference]@name hostNetwork:bool dnsPolicy dnsConfig:PodDNSConfig onExit
  ttlStrategy:TTLStrategy activeDeadlineSeconds:int priority:int schedulerName podGC:PodGC podPriorityClassName
  hostAliases:[HostAlias]@ip securityContext:PodSecurityContext podSpecPatch
  podDisruptionBudget:PodDisruptionBudgetSpec metrics:Metrics shutdown workflowTemplateRef:WorkflowTemplateRef
  synchronization:Synchronization volumeClaimGC:VolumeClaimGC retryStrategy:RetryStrategy podMetadata:Metadata
  templateDefaults:Template archiveLogs:bool hooks:{LifecycleHook} workflowMetadata:WorkflowMetadata
  artifactGC:WorkflowLevelArtifactGC executorPlugins:[ExecutorPlugin] podResources:ResourceRequirements
  resourceClaims:[PodResourceClaim]
WorkflowStatus: phase startedAt finishedAt estimatedDuration:int progress message compressedNodes nodes:{NodeStatus}
  offloadNodeStatusVersion storedTemplates:{Template} persistentVolumeClaims:[Volume] outputs:Outputs
  conditions:[Condition] resourcesDuration:{int} storedWorkflowTemplateSpec:WorkflowSpec
  synchronization:SynchronizationStatus artifactRepositoryRef:ArtifactRepositoryRefStatus artifactGCStatus:ArtGCStatus
  taskResultsCompletionStatus:{bool}
WorkflowStep: name template inline:Template arguments:Arguments templateRef:TemplateRef withItems:[json] withParam
  withSequence:Sequence when continueOn:ContinueOn onExit hooks:{LifecycleHook}
WorkflowTemplate: kind apiVersion metadata:ObjectMeta spec:WorkflowSpec
WorkflowTemplateRef: name clusterScope:bool
ZipStrategy:
"""
