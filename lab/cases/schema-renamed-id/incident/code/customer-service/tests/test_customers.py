from customer_service import customers

TIERS = {"STANDARD", "SILVER", "GOLD"}


def test_customers_are_seeded_once(tmp_path):
    path = str(tmp_path / "customer.db")
    customers.prepare(path)
    customers.prepare(path)
    found = customers.find(path, "C-20001")
    assert found is not None and found.tier in TIERS
    assert customers.find(path, "C-1") is None
