"""Token buckets, and whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.limits import KEPT, Buckets, Limits, bucket_of
from matcher.catalogue.database import Database
from matcher.errors import TooMany
from matcher.settings import Settings
from tests.api.people import People, app_over


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def allowed(buckets: Buckets, whose: str = "a") -> bool:
    try:
        buckets.take(whose)
    except TooMany:
        return False
    return True


class TestBuckets:
    def test_holds_the_rate_and_fills_at_the_rate(self) -> None:
        time = Time()
        buckets = Buckets(6, 60, time)
        assert [allowed(buckets) for _ in range(8)] == [True] * 6 + [False] * 2
        assert allowed(buckets, "b")
        time.now += 9.9
        assert not allowed(buckets)
        time.now += 0.2
        assert allowed(buckets)
        assert not allowed(buckets)

    def test_says_when_again(self) -> None:
        time = Time()
        buckets = Buckets(1, 60, time)
        buckets.take("a")
        time.now += 20
        with pytest.raises(TooMany) as refused:
            buckets.take("a")
        assert refused.value.retry_seconds == 40
        time.now += 40
        assert allowed(buckets)

    def test_asking_takes_nothing_and_spending_refuses_nothing(self) -> None:
        buckets = Buckets(2, 60, Time())
        for _ in range(5):
            buckets.check("a")
        for _ in range(5):
            buckets.spend("a")
        with pytest.raises(TooMany):
            buckets.check("a")

    def test_a_rate_of_none_is_no_limit(self) -> None:
        buckets = Buckets(0)
        assert all(allowed(buckets) for _ in range(1000))

    def test_keeps_no_more_than_it_may(self) -> None:
        buckets = Buckets(1, 60, Time())
        for number in range(KEPT + 100):
            buckets.take(str(number))
        assert len(buckets._filled) == KEPT

    @given(st.integers(1, 50), st.lists(st.floats(0, 5), max_size=60))
    @settings(max_examples=100, deadline=None)
    def test_never_lets_through_more_than_the_bucket_and_what_has_flown_in(
        self, rate: int, pauses: list[float]
    ) -> None:
        time = Time()
        buckets = Buckets(rate, 60, time)
        passed = 0
        for pause in pauses:
            time.now += pause
            passed += allowed(buckets)
        assert passed <= rate + rate * sum(pauses) / 60 + 1e-6


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_has_one_bucket(address: str, bucket: str) -> None:
    assert bucket_of(address) == bucket


def test_defaults_stop_loops_and_not_people() -> None:
    limits = Limits.of(Settings(_env_file=None))
    assert all(allowed(limits.match) for _ in range(1000))
    assert [allowed(limits.sign_in) for _ in range(21)] == [True] * 20 + [False]


class TestOverHttp:
    def test_matching_is_limited_by_user_or_address(self, database: Database, tmp_path: Path) -> None:
        people = People(app_over(database, tmp_path, match_rate=2), database)
        body = {"text": "500 L"}

        def statuses(client: TestClient) -> list[int]:
            return [client.post("/v1/understand", json=body).status_code for _ in range(3)]

        assert statuses(people.anonymous) == [200, 200, 429]
        assert statuses(people.requester) == [200, 200, 429]
        assert statuses(people.key("broker", "match")) == [200, 200, 429]
        refused = people.anonymous.post("/v1/understand", json=body)
        assert refused.json()["error"]["code"] == "too_many_requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 30
        assert people.anonymous.get("/v1/session").status_code == 200

    def test_x_forwarded_for_counts_from_our_proxies_only(self, database: Database, tmp_path: Path) -> None:
        app = app_over(database, tmp_path, match_rate=1, proxies="10.0.0.0/8, 192.0.2.1")

        def status(peer: str, forwarded: str | None = None) -> int:
            client = TestClient(app, client=(peer, 1))
            headers = {"X-Forwarded-For": forwarded} if forwarded else {}
            return client.post("/v1/understand", json={"text": "500 L"}, headers=headers).status_code

        assert status("198.51.100.1") == 200
        assert status("198.51.100.1", "203.0.113.5") == 429
        assert status("10.1.1.1", "203.0.113.5") == 200
        assert status("192.0.2.1", "203.0.113.5") == 429
        assert status("10.1.1.1", "203.0.113.6") == 200
        # What the client itself wrote stands further left, and is not believed.
        assert status("10.1.1.1", "1.2.3.4, 203.0.113.6") == 429
        assert status("10.1.1.1", "203.0.113.6, 10.2.2.2") == 429
        assert status("10.1.1.1", "nonsense") == 200
