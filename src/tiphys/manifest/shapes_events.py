"""The fields of Argo Events' documents, v1.9.11, as a table; an EventBus is known by its kinds only.

One line for each type: its name, then its fields; `field:type` where a field is not text. The notation is explained in
`shapes.py`. A test holds the table against upstream's own JSON schema.
"""

from __future__ import annotations

TABLE = """
AMQPConsumeConfig: autoAck:bool consumerTag exclusive:bool noLocal:bool noWait:bool
AMQPEventSource: auth:BasicAuth connectionBackoff:Backoff consume:AMQPConsumeConfig
  exchangeDeclare:AMQPExchangeDeclareConfig exchangeName exchangeType filter:EventSourceFilter jsonBody:bool
  metadata:{text} queueBind:AMQPQueueBindConfig queueDeclare:AMQPQueueDeclareConfig routingKey tls:TLSConfig url
  urlSecret:SecretKeySelector
AMQPExchangeDeclareConfig: autoDelete:bool durable:bool internal:bool noWait:bool
AMQPQueueBindConfig: noWait:bool
AMQPQueueDeclareConfig: arguments autoDelete:bool durable:bool exclusive:bool name noWait:bool
AWSLambdaTrigger: accessKey:SecretKeySelector functionName invocationType parameters:[TriggerParameter]
  payload:[TriggerParameter] region roleARN secretKey:SecretKeySelector
ArgoWorkflowTrigger: args:[text] operation parameters:[TriggerParameter] source:ArtifactLocation
ArtifactLocation: configmap:ConfigMapKeySelector file:FileArtifact git:GitArtifact inline resource:{json} s3:S3Artifact
  url:URLArtifact
AzureEventHubsTrigger: fqdn hubName parameters:[TriggerParameter] payload:[TriggerParameter]
  sharedAccessKey:SecretKeySelector sharedAccessKeyName:SecretKeySelector
AzureEventsHubEventSource: filter:EventSourceFilter fqdn hubName metadata:{text} sharedAccessKey:SecretKeySelector
  sharedAccessKeyName:SecretKeySelector
AzureQueueStorageEventSource: connectionString:SecretKeySelector decodeMessage:bool dlq:bool filter:EventSourceFilter
  jsonBody:bool metadata:{text} queueName storageAccountName waitTimeInSeconds:int
AzureServiceBusEventSource: connectionString:SecretKeySelector deferDelete:bool filter:EventSourceFilter
  fullyQualifiedNamespace jsonBody:bool metadata:{text} queueName subscriptionName tls:TLSConfig topicName
AzureServiceBusTrigger: connectionString:SecretKeySelector parameters:[TriggerParameter] payload:[TriggerParameter]
  queueName subscriptionName tls:TLSConfig topicName
Backoff: duration:intstr factor:any jitter:any steps:int
BasicAuth: password:SecretKeySelector username:SecretKeySelector
BitbucketAuth: basic:BitbucketBasicAuth oauthToken:SecretKeySelector
BitbucketBasicAuth: password:SecretKeySelector username:SecretKeySelector
BitbucketEventSource: auth:BitbucketAuth deleteHookOnFinish:bool events:[text] filter:EventSourceFilter
  metadata:{text} owner projectKey repositories:[BitbucketRepository] repositorySlug webhook:WebhookContext
BitbucketRepository: owner repositorySlug
BitbucketServerEventSource: accessToken:SecretKeySelector bitbucketserverBaseURL checkInterval deleteHookOnFinish:bool
  events:[text] filter:EventSourceFilter metadata:{text} oneEventPerChange:bool projectKey projects:[text]
  repositories:[BitbucketServerRepository] repositorySlug skipBranchRefsChangedOnOpenPR:bool tls:TLSConfig
  webhook:WebhookContext webhookSecret:SecretKeySelector
BitbucketServerRepository: projectKey repositorySlug
CalendarEventSource: exclusionDates:[text] filter:EventSourceFilter interval metadata:{text}
  persistence:EventPersistence schedule timezone
CatchupConfiguration: enabled:bool maxDuration
Condition: lastTransitionTime message reason status type
ConditionsResetByTime: cron timezone
ConditionsResetCriteria: byTime:ConditionsResetByTime
ConfigMapPersistence: createIfNotExist:bool name
Container: env:[EnvVar] envFrom:[EnvFromSource] imagePullPolicy resources:ResourceRequirements
  securityContext:SecurityContext volumeMounts:[VolumeMount]
CustomTrigger: certSecret:SecretKeySelector parameters:[TriggerParameter] payload:[TriggerParameter] secure:bool
  serverNameOverride serverURL spec:{text}
DataFilter: comparator path template type value:[text]
EmailTrigger: body from host parameters:[TriggerParameter] port:int smtpPassword:SecretKeySelector subject to:[text]
  username
EmitterEventSource: broker channelKey channelName connectionBackoff:Backoff filter:EventSourceFilter jsonBody:bool
  metadata:{text} password:SecretKeySelector tls:TLSConfig username:SecretKeySelector
EventContext: datacontenttype id source specversion subject time type
EventDependency: eventName eventSourceName filters:EventDependencyFilter filtersLogicalOperator name
  transform:EventDependencyTransformer
EventDependencyFilter: context:EventContext data:[DataFilter] dataLogicalOperator exprLogicalOperator
  exprs:[ExprFilter] script time:TimeFilter
EventDependencyTransformer: jq script
EventPersistence: catchup:CatchupConfiguration configMap:ConfigMapPersistence
EventSource: apiVersion kind metadata:ObjectMeta spec:EventSourceSpec status:EventSourceStatus
EventSourceFilter: expression
EventSourceSpec: amqp:{AMQPEventSource} azureEventsHub:{AzureEventsHubEventSource}
  azureQueueStorage:{AzureQueueStorageEventSource} azureServiceBus:{AzureServiceBusEventSource}
  bitbucket:{BitbucketEventSource} bitbucketserver:{BitbucketServerEventSource} calendar:{CalendarEventSource}
  emitter:{EmitterEventSource} eventBusName file:{FileEventSource} generic:{GenericEventSource}
  gerrit:{GerritEventSource} github:{GithubEventSource} gitlab:{GitlabEventSource} hdfs:{HDFSEventSource}
  kafka:{KafkaEventSource} minio:{S3Artifact} mns:{MNSEventSource} mqtt:{MQTTEventSource} nats:{NATSEventsSource}
  nsq:{NSQEventSource} pubSub:{PubSubEventSource} pulsar:{PulsarEventSource} redis:{RedisEventSource}
  redisStream:{RedisStreamEventSource} replicas:int resource:{ResourceEventSource} service:Service
  sftp:{SFTPEventSource} slack:{SlackEventSource} sns:{SNSEventSource} sqs:{SQSEventSource}
  storageGrid:{StorageGridEventSource} stripe:{StripeEventSource} template:Template webhook:{WebhookEventSource}
EventSourceStatus: +Status
ExprFilter: expr fields:[PayloadField]
FileArtifact: path
FileEventSource: eventType filter:EventSourceFilter metadata:{text} polling:bool watchPathConfig:WatchPathConfig
GenericEventSource: authSecret:SecretKeySelector config filter:EventSourceFilter insecure:bool jsonBody:bool
  metadata:{text} url
GerritEventSource: auth:BasicAuth deleteHookOnFinish:bool events:[text] filter:EventSourceFilter gerritBaseURL
  hookName maxTries:int metadata:{text} projects:[text] sslVerify:bool webhook:WebhookContext
GitArtifact: branch cloneDirectory creds:GitCreds filePath insecureIgnoreHostKey:bool ref remote:GitRemoteConfig
  sshKeySecret:SecretKeySelector tag url
GitCreds: password:SecretKeySelector username:SecretKeySelector
GitRemoteConfig: name urls:[text]
GithubAppCreds: appID:int installationID:int privateKey:SecretKeySelector
GithubEventSource: active:bool apiToken:SecretKeySelector contentType deleteHookOnFinish:bool events:[text]
  filter:EventSourceFilter githubApp:GithubAppCreds githubBaseURL githubUploadURL id:int insecure:bool metadata:{text}
  organizations:[text] owner repositories:[OwnedRepositories] repository webhook:WebhookContext
  webhookSecret:SecretKeySelector
GitlabEventSource: accessToken:SecretKeySelector deleteHookOnFinish:bool enableSSLVerification:bool events:[text]
  filter:EventSourceFilter gitlabBaseURL groups:[text] metadata:{text} projectID projects:[text]
  secretToken:SecretKeySelector webhook:WebhookContext
HDFSEventSource: +WatchPathConfig addresses:[text] checkInterval filter:EventSourceFilter hdfsUser
  krbCCacheSecret:SecretKeySelector krbConfigConfigMap:ConfigMapKeySelector krbKeytabSecret:SecretKeySelector krbRealm
  krbServicePrincipalName krbUsername metadata:{text} type
HTTPTrigger: basicAuth:BasicAuth dynamicHeaders:[TriggerParameter] headers:{text} host method
  parameters:[TriggerParameter] payload:[TriggerParameter] secureHeaders:[SecureHeader] timeout:int tls:TLSConfig url
K8SResourcePolicy: backoff:Backoff errorOnBackoffTimeout:bool labels:{text}
KafkaConsumerGroup: groupName oldest:bool rebalanceStrategy
KafkaEventSource: config connectionBackoff:Backoff consumerGroup:KafkaConsumerGroup filter:EventSourceFilter
  jsonBody:bool limitEventsPerSecond:int metadata:{text} partition sasl:SASLConfig schemaRegistry:SchemaRegistryConfig
  tls:TLSConfig topic url version
KafkaTrigger: compress:bool flushFrequency:int headers:{text} parameters:[TriggerParameter] partition:int
  partitioningKey payload:[TriggerParameter] requiredAcks:int sasl:SASLConfig schemaRegistry:SchemaRegistryConfig
  secureHeaders:[SecureHeader] tls:TLSConfig topic url version
LogTrigger: intervalSeconds:int
MNSEventSource: accessKey:SecretKeySelector endpoint filter:EventSourceFilter jsonBody:bool queue
  secretKey:SecretKeySelector
MQTTEventSource: auth:BasicAuth clientId connectionBackoff:Backoff filter:EventSourceFilter jsonBody:bool
  metadata:{text} tls:TLSConfig topic url
Metadata: annotations:{text} labels:{text}
NATSAuth: basic:BasicAuth credential:SecretKeySelector nkey:SecretKeySelector token:SecretKeySelector
NATSEventsSource: auth:NATSAuth connectionBackoff:Backoff filter:EventSourceFilter jsonBody:bool metadata:{text} queue
  subject tls:TLSConfig url
NATSTrigger: auth:NATSAuth parameters:[TriggerParameter] payload:[TriggerParameter] subject tls:TLSConfig url
NSQEventSource: channel connectionBackoff:Backoff filter:EventSourceFilter hostAddress jsonBody:bool metadata:{text}
  tls:TLSConfig topic
OpenWhiskTrigger: actionName authToken:SecretKeySelector host namespace parameters:[TriggerParameter]
  payload:[TriggerParameter] version
OwnedRepositories: names:[text] owner
PayloadField: name path
PubSubEventSource: credentialSecret:SecretKeySelector deleteSubscriptionOnFinish:bool filter:EventSourceFilter
  jsonBody:bool metadata:{text} projectID subscriptionID topic topicProjectID
PulsarEventSource: authAthenzParams:{text} authAthenzSecret:SecretKeySelector authTokenSecret:SecretKeySelector
  connectionBackoff:Backoff filter:EventSourceFilter jsonBody:bool metadata:{text} tls:TLSConfig
  tlsAllowInsecureConnection:bool tlsTrustCertsSecret:SecretKeySelector tlsValidateHostname:bool topics:[text] type
  url
PulsarTrigger: authAthenzParams:{text} authAthenzSecret:SecretKeySelector authTokenSecret:SecretKeySelector
  connectionBackoff:Backoff parameters:[TriggerParameter] payload:[TriggerParameter] tls:TLSConfig
  tlsAllowInsecureConnection:bool tlsTrustCertsSecret:SecretKeySelector tlsValidateHostname:bool topic url
RateLimit: requestsPerUnit:int unit
RedisEventSource: channels:[text] db:int filter:EventSourceFilter hostAddress jsonBody:bool metadata:{text} namespace
  password:SecretKeySelector tls:TLSConfig username
RedisStreamEventSource: consumerGroup db:int filter:EventSourceFilter hostAddress maxMsgCountPerRead:int
  metadata:{text} password:SecretKeySelector streams:[text] tls:TLSConfig username
ResourceEventSource: +GroupVersionResource eventTypes:[text] filter:ResourceFilter metadata:{text} namespace
ResourceFilter: afterStart:bool createdBy fields:[Selector] labels:[Selector] prefix
S3Artifact: accessKey:SecretKeySelector bucket:S3Bucket caCertificate:SecretKeySelector endpoint events:[text]
  filter:S3Filter insecure:bool metadata:{text} region secretKey:SecretKeySelector
S3Bucket: key name
S3Filter: prefix suffix
SASLConfig: mechanism passwordSecret:SecretKeySelector userSecret:SecretKeySelector
SFTPEventSource: address:SecretKeySelector eventType filter:EventSourceFilter metadata:{text}
  password:SecretKeySelector pollIntervalDuration sshKeySecret:SecretKeySelector username:SecretKeySelector
  watchPathConfig:WatchPathConfig
SNSEventSource: accessKey:SecretKeySelector endpoint filter:EventSourceFilter metadata:{text} region roleARN
  secretKey:SecretKeySelector topicArn validateSignature:bool webhook:WebhookContext
SQSEventSource: accessKey:SecretKeySelector dlq:bool endpoint filter:EventSourceFilter jsonBody:bool metadata:{text}
  queue queueAccountId region roleARN secretKey:SecretKeySelector sessionToken:SecretKeySelector waitTimeSeconds:int
SchemaRegistryConfig: auth:BasicAuth schemaId:int url
SecureHeader: name valueFrom:ValueFromSource
Selector: key operation value
Sensor: apiVersion kind metadata:ObjectMeta spec:SensorSpec status:SensorStatus
SensorSpec: dependencies:[EventDependency] errorOnFailedRound:bool eventBusName loggingFields:{text} replicas:int
  revisionHistoryLimit:int template:Template triggers:[Trigger]
SensorStatus: +Status
Service: clusterIP metadata:Metadata ports:[ServicePort]
SlackEventSource: filter:EventSourceFilter metadata:{text} signingSecret:SecretKeySelector token:SecretKeySelector
  webhook:WebhookContext
SlackSender: icon username
SlackThread: broadcastMessageToChannel:bool messageAggregationKey
SlackTrigger: attachments blocks channel message parameters:[TriggerParameter] sender:SlackSender
  slackToken:SecretKeySelector thread:SlackThread
StandardK8STrigger: liveObject:bool operation parameters:[TriggerParameter] patchStrategy source:ArtifactLocation
Status: conditions:[Condition]
StatusPolicy: allow:[int]
StorageGridEventSource: apiURL authToken:SecretKeySelector bucket events:[text] filter:StorageGridFilter
  metadata:{text} region tls:TLSConfig topicArn webhook:WebhookContext
StorageGridFilter: prefix suffix
StripeEventSource: apiKey:SecretKeySelector createWebhook:bool eventFilter:[text] metadata:{text}
  webhook:WebhookContext
TLSConfig: caCertSecret:SecretKeySelector clientCertSecret:SecretKeySelector clientKeySecret:SecretKeySelector
  enabled:bool insecureSkipVerify:bool
Template: affinity:Affinity container:Container imagePullSecrets:[LocalObjectReference] metadata:Metadata
  nodeSelector:{text} priority:int priorityClassName securityContext:PodSecurityContext serviceAccountName
  tolerations:[Toleration] volumes:[Volume]
TimeFilter: start stop timezone
Trigger: atLeastOnce:bool dlqTrigger:Trigger parameters:[TriggerParameter] policy:TriggerPolicy rateLimit:RateLimit
  retryStrategy:Backoff template:TriggerTemplate
TriggerParameter: dest operation src:TriggerParameterSource
TriggerParameterSource: contextKey contextTemplate dataKey dataTemplate dependencyName useRawData:bool value
TriggerPolicy: k8s:K8SResourcePolicy status:StatusPolicy
TriggerTemplate: argoWorkflow:ArgoWorkflowTrigger awsLambda:AWSLambdaTrigger azureEventHubs:AzureEventHubsTrigger
  azureServiceBus:AzureServiceBusTrigger conditions conditionsReset:[ConditionsResetCriteria] custom:CustomTrigger
  email:EmailTrigger http:HTTPTrigger k8s:StandardK8STrigger kafka:KafkaTrigger log:LogTrigger name nats:NATSTrigger
  openWhisk:OpenWhiskTrigger pulsar:PulsarTrigger slack:SlackTrigger
URLArtifact: path verifyCert:bool
ValueFromSource: configMapKeyRef:ConfigMapKeySelector secretKeyRef:SecretKeySelector
WatchPathConfig: directory path pathRegexp
WebhookContext: authSecret:SecretKeySelector endpoint maxPayloadSize:int metadata:{text} method port
  serverCertSecret:SecretKeySelector serverKeySecret:SecretKeySelector url
WebhookEventSource: +WebhookContext filter:EventSourceFilter
EventBus: apiVersion kind metadata:ObjectMeta spec:EventBusSpec status:json
EventBusSpec: nats:{json} jetstream:{json} jetstreamExotic:{json} kafka:{json}
"""
