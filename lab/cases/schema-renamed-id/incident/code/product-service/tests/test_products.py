import random

import pytest

from product_service.catalogue import SEED, Catalogue
from product_service.replica import Replica, ReplicaUnavailable


def test_a_new_catalogue_is_filled_once(tmp_path):
    path = str(tmp_path / "product.db")
    first = Catalogue(path)
    assert first.find("SKU-1001").weight_grams > 0
    assert Catalogue(path).find("SKU-1001") == first.find("SKU-1001")
    assert first.find("SKU-0") is None


def test_the_seed_has_no_product_twice():
    skus = [line.split(",")[0] for line in SEED.read_text().splitlines()[1:]]
    assert len(skus) == len(set(skus)) >= 100


def test_a_replica_that_is_away_says_so():
    Replica(slow=0, unavailable=0, chance=random.Random(1)).reach()
    with pytest.raises(ReplicaUnavailable):
        Replica(slow=0, unavailable=1, chance=random.Random(1)).reach()
