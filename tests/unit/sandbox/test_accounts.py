from pathlib import Path

import pytest

from tiphys import errors
from tiphys.sandbox import accounts
from tiphys.sandbox.accounts import ADMIN, Accounts
from tiphys.sandbox.requests import parse_request
from tiphys.sandbox.statuses import ApiError

USER = "system:serviceaccount:ops:fixer"


def documents(rule, *, role: str = "Role", namespace: str | None = "shop"):
    place = {"namespace": namespace} if namespace else {}
    return [
        {"kind": "ServiceAccount", "metadata": {"name": "fixer", "namespace": "ops"}},
        {"kind": role, "metadata": {"name": "fixer", **(place if role == "Role" else {})}, "rules": [rule]},
        {
            "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
            "metadata": {"name": "fixer", **place},
            "roleRef": {"kind": role, "name": "fixer"},
            "subjects": [{"kind": "ServiceAccount", "name": "fixer", "namespace": "ops"}],
        },
    ]


LIST_PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}


def allowed(table: Accounts, method: str, path: str) -> bool:
    try:
        table.authorize(USER, parse_request(method, path))
    except ApiError as error:
        return error.code != 403
    return True


def test_only_what_is_granted_is_allowed_and_only_there():
    table = Accounts(documents(LIST_PODS))
    assert allowed(table, "GET", "/api/v1/namespaces/shop/pods")
    assert not allowed(table, "GET", "/api/v1/namespaces/other/pods")
    assert not allowed(table, "GET", "/api/v1/pods")
    assert not allowed(table, "GET", "/api/v1/namespaces/shop/pods/a")
    assert not allowed(table, "GET", "/api/v1/namespaces/shop/pods/a/log")
    assert not allowed(table, "GET", "/apis/apps/v1/namespaces/shop/deployments")


def test_a_cluster_role_reaches_as_far_as_its_binding():
    bound_here = Accounts(documents(LIST_PODS, role="ClusterRole"))
    assert allowed(bound_here, "GET", "/api/v1/namespaces/shop/pods")
    assert not allowed(bound_here, "GET", "/api/v1/pods")
    assert allowed(Accounts(documents(LIST_PODS, role="ClusterRole", namespace=None)), "GET", "/api/v1/pods")


def test_a_rule_may_name_the_objects():
    rule = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"], "resourceNames": ["web"]}
    table = Accounts(documents(rule))
    assert allowed(table, "PATCH", "/apis/apps/v1/namespaces/shop/deployments/web")
    assert not allowed(table, "PATCH", "/apis/apps/v1/namespaces/shop/deployments/api")
    assert not allowed(table, "PATCH", "/apis/apps/v1/namespaces/shop/deployments/web/scale")


def test_a_binding_to_a_role_that_does_not_exist_grants_nothing():
    _, _, binding = documents(LIST_PODS)
    assert not allowed(Accounts([binding]), "GET", "/api/v1/namespaces/shop/pods")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "Bearer wrong", "bearer \N{SNOWMAN}"])
def test_a_token_that_nobody_has_is_401(header: str):
    with pytest.raises(ApiError) as raised:
        Accounts(documents(LIST_PODS)).authenticate(header)
    assert raised.value.code == 401


def test_each_account_has_a_token_in_a_file_that_only_its_owner_reads(tmp_path: Path):
    table = Accounts(documents(LIST_PODS))
    table.write_tokens(tmp_path / "tokens")
    files = {path.name: path for path in (tmp_path / "tokens").iterdir()}
    assert sorted(files) == ["admin", "fixer"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files.values())
    assert table.authenticate(f"Bearer {files['fixer'].read_text()}") == USER
    assert table.authenticate(f"bearer {files['admin'].read_text()}") == ADMIN


def test_documents_are_read_from_a_directory_and_bad_yaml_is_named(tmp_path: Path):
    (tmp_path / "a.yaml").write_text("kind: Role\n---\nkind: RoleBinding\n---\n")
    assert [one["kind"] for one in accounts.load_documents(tmp_path)] == ["Role", "RoleBinding"]
    (tmp_path / "b.yaml").write_text("a: [")
    with pytest.raises(errors.InvalidManifest, match=r"b\.yaml: not YAML"):
        accounts.load_documents(tmp_path)
