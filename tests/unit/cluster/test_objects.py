from tiphys.cluster import objects


def test_an_empty_object_is_a_poor_value_and_no_accident():
    assert objects.parse_pod({}).owner is None
    assert objects.parse_pod({"status": {"containerStatuses": [{}]}}).restarts == 0
    assert objects.parse_workload("Deployment", {}).revision == 0
    assert objects.parse_replica_set({"metadata": {"annotations": {objects.REVISION: "x"}}}).revision == 0


def test_the_template_of_a_revision_is_the_authors():
    template = {"metadata": {"labels": {"app": "a", objects.HASH_LABEL: "1"}}, "spec": {"containers": []}}
    parsed = objects.parse_replica_set({"spec": {"template": template}})
    assert parsed.template == {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": []}}


def test_a_selector_is_written_as_kubectl_takes_it():
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "old", "operator": "DoesNotExist"},
        {"key": "new", "operator": "Exists"},
        {"key": "x", "operator": "NotIn", "values": ["1"]},
    ]
    text = objects.format_selector({"matchLabels": {"app": "web"}, "matchExpressions": expressions})
    assert text == "app=web,tier in (a,b),!old,new,x notin (1)"


def test_an_autoscaler_is_known_by_what_it_scales():
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 9}
    status = {"currentReplicas": 3, "desiredReplicas": 5}
    kind, name, numbers = objects.parse_autoscaler({"spec": spec, "status": status})
    assert (kind, name) == ("Deployment", "web")
    assert numbers == {"min": 2, "max": 9, "current": 3, "desired": 5, "target": "web"}


def test_a_daemon_set_counts_by_its_nodes():
    status = {"desiredNumberScheduled": 5, "currentNumberScheduled": 5, "numberReady": 4, "updatedNumberScheduled": 3}
    workload = objects.parse_workload("DaemonSet", {"status": status})
    assert (workload.replicas, workload.total, workload.ready, workload.updated) == (5, 5, 4, 3)
