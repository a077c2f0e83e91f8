"""The fields of the Kubernetes types that occur in Argo's documents (v1.34), as a table.

One line for each type: its name, then its fields; `field:type` where a field is not text. The notation is explained in
`shapes.py`. A test holds the table against upstream's own JSON schema.
"""

from __future__ import annotations

TABLE = """
AWSElasticBlockStoreVolumeSource: fsType partition:int readOnly:bool volumeID
Affinity: nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
AppArmorProfile: localhostProfile type
AzureDiskVolumeSource: kind cachingMode diskName diskURI fsType readOnly:bool
AzureFileVolumeSource: readOnly:bool secretName shareName
CSIVolumeSource: driver fsType nodePublishSecretRef:LocalObjectReference readOnly:bool volumeAttributes:{text}
Capabilities: add:[text] drop:[text]
CephFSVolumeSource: monitors:[text] path readOnly:bool secretFile secretRef:LocalObjectReference user
CinderVolumeSource: fsType readOnly:bool secretRef:LocalObjectReference volumeID
ClusterTrustBundleProjection: labelSelector:LabelSelector name optional:bool path signerName
ConfigMapEnvSource: name optional:bool
ConfigMapKeySelector: name key optional:bool
ConfigMapProjection: items:[KeyToPath] name optional:bool
ConfigMapVolumeSource: defaultMode:int items:[KeyToPath] name optional:bool
Container: name image command:[text] args:[text] workingDir ports:[ContainerPort]@containerPort
  envFrom:[EnvFromSource] env:[EnvVar]@name resources:ResourceRequirements resizePolicy:[ContainerResizePolicy]
  restartPolicy restartPolicyRules:[ContainerRestartRule] volumeMounts:[VolumeMount]@mountPath
  volumeDevices:[VolumeDevice]@devicePath livenessProbe:Probe readinessProbe:Probe startupProbe:Probe
  lifecycle:Lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext:SecurityContext
  stdin:bool stdinOnce:bool tty:bool
ContainerPort: containerPort:int hostIP hostPort:int name protocol
ContainerResizePolicy: resourceName restartPolicy
ContainerRestartRule: action exitCodes:ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes: operator values:[int]
DownwardAPIProjection: items:[DownwardAPIVolumeFile]
DownwardAPIVolumeFile: fieldRef:ObjectFieldSelector mode:int path resourceFieldRef:ResourceFieldSelector
DownwardAPIVolumeSource: defaultMode:int items:[DownwardAPIVolumeFile]
EmptyDirVolumeSource: medium sizeLimit:quantity
EnvFromSource: prefix configMapRef:ConfigMapEnvSource secretRef:SecretEnvSource
EnvVar: name value valueFrom:EnvVarSource
EnvVarSource: fieldRef:ObjectFieldSelector resourceFieldRef:ResourceFieldSelector configMapKeyRef:ConfigMapKeySelector
  secretKeyRef:SecretKeySelector fileKeyRef:FileKeySelector
EphemeralVolumeSource: volumeClaimTemplate:PersistentVolumeClaimTemplate
ExecAction: command:[text]
FCVolumeSource: fsType lun:int readOnly:bool targetWWNs:[text] wwids:[text]
FileKeySelector: key optional:bool path volumeName
FlexVolumeSource: driver fsType options:{text} readOnly:bool secretRef:LocalObjectReference
FlockerVolumeSource: datasetName datasetUUID
GCEPersistentDiskVolumeSource: fsType partition:int pdName readOnly:bool
GRPCAction: port:int service
GitRepoVolumeSource: directory repository revision
GlusterfsVolumeSource: endpoints path readOnly:bool
GroupVersionResource: group resource version
HTTPGetAction: path port:intstr host scheme httpHeaders:[HTTPHeader]
HTTPHeader: name value
HostAlias: ip hostnames:[text]
HostPathVolumeSource: path type
ISCSIVolumeSource: chapAuthDiscovery:bool chapAuthSession:bool fsType initiatorName iqn iscsiInterface lun:int
  portals:[text] readOnly:bool secretRef:LocalObjectReference targetPortal
ImageVolumeSource: pullPolicy reference
KeyToPath: key path mode:int
LabelSelector: matchLabels:{text} matchExpressions:[LabelSelectorRequirement]
LabelSelectorRequirement: key operator values:[text]
Lifecycle: postStart:LifecycleHandler preStop:LifecycleHandler stopSignal
LifecycleHandler: exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
LocalObjectReference: name
ManagedFieldsEntry: apiVersion fieldsType fieldsV1:json manager operation subresource time
ModifyVolumeStatus: status targetVolumeAttributesClassName
NFSVolumeSource: path readOnly:bool server
NodeAffinity: preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]
  requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
NodeSelector: nodeSelectorTerms:[NodeSelectorTerm]
NodeSelectorRequirement: key operator values:[text]
NodeSelectorTerm: matchExpressions:[NodeSelectorRequirement] matchFields:[NodeSelectorRequirement]
ObjectFieldSelector: apiVersion fieldPath
ObjectMeta: name generateName namespace annotations:{text} creationTimestamp deletionGracePeriodSeconds:int
  deletionTimestamp finalizers:[text] generation:int labels:{text} managedFields:[ManagedFieldsEntry]
  ownerReferences:[OwnerReference]@uid resourceVersion selfLink uid
ObjectReference: apiVersion kind fieldPath name namespace resourceVersion uid
OwnerReference: apiVersion kind blockOwnerDeletion:bool controller:bool name uid
PersistentVolumeClaim: apiVersion kind metadata:ObjectMeta spec:PersistentVolumeClaimSpec
  status:PersistentVolumeClaimStatus
PersistentVolumeClaimCondition: status lastProbeTime lastTransitionTime message reason type
PersistentVolumeClaimSpec: accessModes:[text] dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference
  resources:VolumeResourceRequirements selector:LabelSelector storageClassName volumeAttributesClassName volumeMode
  volumeName
PersistentVolumeClaimStatus: accessModes:[text] allocatedResourceStatuses:{text} allocatedResources:{quantity}
  capacity:{quantity} conditions:[PersistentVolumeClaimCondition]@type currentVolumeAttributesClassName
  modifyVolumeStatus:ModifyVolumeStatus phase
PersistentVolumeClaimTemplate: metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource: claimName readOnly:bool
PhotonPersistentDiskVolumeSource: fsType pdID
PodAffinity: preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
  requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
PodAffinityTerm: labelSelector:LabelSelector matchLabelKeys:[text] mismatchLabelKeys:[text]
  namespaceSelector:LabelSelector namespaces:[text] topologyKey
PodAntiAffinity: preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
  requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
PodCertificateProjection: certificateChainPath credentialBundlePath keyPath keyType maxExpirationSeconds:int
  signerName userAnnotations:{text}
PodDNSConfig: nameservers:[text] options:[PodDNSConfigOption] searches:[text]
PodDNSConfigOption: name value
PodDisruptionBudgetSpec: maxUnavailable:intstr minAvailable:intstr selector:LabelSelector unhealthyPodEvictionPolicy
PodResourceClaim: name resourceClaimName resourceClaimTemplateName
PodSecurityContext: appArmorProfile:AppArmorProfile fsGroup:int fsGroupChangePolicy runAsGroup:int runAsNonRoot:bool
  runAsUser:int seLinuxChangePolicy seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile
  supplementalGroups:[int] supplementalGroupsPolicy sysctls:[Sysctl] windowsOptions:WindowsSecurityContextOptions
PortworxVolumeSource: fsType readOnly:bool volumeID
PreferredSchedulingTerm: preference:NodeSelectorTerm weight:int
Probe: exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction grpc:GRPCAction failureThreshold:int
  initialDelaySeconds:int periodSeconds:int successThreshold:int terminationGracePeriodSeconds:int timeoutSeconds:int
ProjectedVolumeSource: defaultMode:int sources:[VolumeProjection]
QuobyteVolumeSource: group readOnly:bool registry tenant user volume
RBDVolumeSource: fsType image keyring monitors:[text] pool readOnly:bool secretRef:LocalObjectReference user
ResourceClaim: name request
ResourceFieldSelector: containerName divisor:quantity resource
ResourceRequirements: limits:{quantity} requests:{quantity} claims:[ResourceClaim]
SELinuxOptions: level role type user
ScaleIOVolumeSource: fsType gateway protectionDomain readOnly:bool secretRef:LocalObjectReference sslEnabled:bool
  storageMode storagePool system volumeName
SeccompProfile: localhostProfile type
SecretEnvSource: name optional:bool
SecretKeySelector: name key optional:bool
SecretProjection: items:[KeyToPath] name optional:bool
SecretVolumeSource: defaultMode:int items:[KeyToPath] optional:bool secretName
SecurityContext: allowPrivilegeEscalation:bool appArmorProfile:AppArmorProfile capabilities:Capabilities
  privileged:bool procMount readOnlyRootFilesystem:bool runAsGroup:int runAsNonRoot:bool runAsUser:int
  seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions
ServiceAccountTokenProjection: audience expirationSeconds:int path
ServicePort: appProtocol name nodePort:int port:int protocol targetPort:intstr
SleepAction: seconds:int
StorageOSVolumeSource: fsType readOnly:bool secretRef:LocalObjectReference volumeName volumeNamespace
Sysctl: name value
TCPSocketAction: host port:intstr
Toleration: key operator value effect tolerationSeconds:int
TypedLocalObjectReference: kind apiGroup name
TypedObjectReference: kind apiGroup name namespace
Volume: name awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
  azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource
  csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource
  ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource
  gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource
  hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource nfs:NFSVolumeSource
  persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource
  portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource
  scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource
  vsphereVolume:VsphereVirtualDiskVolumeSource
VolumeDevice: devicePath name
VolumeMount: name readOnly:bool recursiveReadOnly mountPath subPath mountPropagation subPathExpr
VolumeProjection: clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection
  downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection
  serviceAccountToken:ServiceAccountTokenProjection
VolumeResourceRequirements: limits:{quantity} requests:{quantity}
VsphereVirtualDiskVolumeSource: fsType storagePolicyID storagePolicyName volumePath
WeightedPodAffinityTerm: podAffinityTerm:PodAffinityTerm weight:int
WindowsSecurityContextOptions: gmsaCredentialSpec gmsaCredentialSpecName hostProcess:bool runAsUserName
ConfigMap: apiVersion kind metadata:ObjectMeta immutable:bool data:{text} binaryData:{text}
Secret: apiVersion kind metadata:ObjectMeta immutable:bool data:{text} stringData:{text} type
"""
