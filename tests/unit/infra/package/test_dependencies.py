import re
from pathlib import Path

from infra.package.dependencies import SERVICES, trim_models

PROJECT = Path(__file__).parents[4]


def test_the_models_that_are_kept_are_those_of_the_clients_that_the_code_makes():
    code = "\n".join(path.read_text() for path in (PROJECT / "chalicelib").rglob("*.py"))
    made = set(re.findall(r'aws\.client\(\s*"(\w+)"', code))

    assert len(re.findall(r"\baws\.client\(", code)) == len(re.findall(r'aws\.client\(\s*"\w+"', code))
    # PynamoDB makes the client of DynamoDB itself.
    assert made | {"dynamodb"} == SERVICES


def test_only_the_models_of_other_services_and_all_examples_are_removed(tmp_path: Path):
    models = tmp_path / "botocore" / "data"
    for name in (
        "endpoints.json",
        "sqs/2012-11-05/service-2.json.gz",
        "sqs/2012-11-05/examples-1.json",
        "iot/2015-05-28/service-2.json.gz",
    ):
        (models / name).parent.mkdir(parents=True, exist_ok=True)
        (models / name).touch()

    trim_models(tmp_path, {"sqs"})

    left = {str(path.relative_to(models)) for path in models.rglob("*") if path.is_file()}
    assert left == {"endpoints.json", "sqs/2012-11-05/service-2.json.gz"}
    assert not (models / "iot").exists()
