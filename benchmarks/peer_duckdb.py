"""DuckDB: one SQL statement over a native table, into an Arrow table."""

import os
from typing import Any

import duckdb
import numpy as np

from benchmarks.data import Columns, as_arrow
from benchmarks.engines import BulkMode
from benchmarks.workload import OUTPUTS

# DuckDB's // on integers truncates; all amounts are positive, so that is rounding down.
SQL = """
WITH clause AS (
    SELECT
        CASE WHEN "enterprise.is_pilot" AND "project.level_after" >= 2
            THEN least("project.eligible_spend" // 2,
                CASE "project.level_after" WHEN 2 THEN 20000000 WHEN 3 THEN 30000000
                    ELSE 50000000 END)
            ELSE 0 END::BIGINT AS qz_1,
        CASE WHEN "enterprise.is_pilot" AND "enterprise.annual_cloud_fee" > 5000000
            THEN least("enterprise.annual_cloud_fee" * 3 // 10, 10000000)
            ELSE 0 END::BIGINT AS qz_2,
        CASE WHEN "enterprise.is_pilot"
            THEN least(
                "project.equipment_investment" * "county.tech_upgrade_rate_bp" // 10000,
                CASE "enterprise.leader_class" WHEN 2 THEN 500000000 WHEN 1 THEN 250000000
                    ELSE 200000000 END)
            ELSE 0 END::BIGINT AS qz_3,
        CASE WHEN "enterprise.in_park"
            THEN least("project.it_investment" // 10, 100000000)
            ELSE 0 END::BIGINT AS qz_4,
        CASE WHEN "enterprise.is_pilot"
            THEN least("enterprise.provincial_scenes"::INTEGER, 3) * 10000000
                + least("enterprise.national_scenes"::INTEGER, 3) * 20000000
            ELSE 0 END::BIGINT AS qz_5,
        CASE
            WHEN "enterprise.high_tech" = 1 AND "enterprise.revenue_last_year" > 2000000000
                THEN 40000000
            WHEN "enterprise.high_tech" = 1 AND "enterprise.revenue_last_year" > 300000000
                THEN 20000000
            WHEN "enterprise.high_tech" = 2 AND "enterprise.revenue_last_year" > 300000000
                THEN 10000000
            ELSE 0 END::BIGINT AS qz_18,
        CASE WHEN ("project.level_before" < 2 AND "project.level_after" >= 2)
                OR ("project.level_before" = 2 AND "project.level_after" >= 3)
            THEN CASE WHEN "project.batch" = 1
                THEN least(3 * least(10 * "project.invested",
                    13 * "project.invested" - 10 * "project.hardware_spend") // 50, 50000000)
                ELSE least(11 * least(10 * "project.invested",
                    13 * "project.invested" - 10 * "project.hardware_spend") // 200, 45000000)
                END
            ELSE 0 END::BIGINT AS zn_1,
        CASE WHEN "project.accepted"
                AND (("project.level_before" < 2 AND "project.level_after" >= 2)
                    OR ("project.level_before" >= 2 AND "project.level_after" >= 3))
            THEN least("project.invested" // 2, 40000000)
            ELSE 0 END::BIGINT AS py_7_1,
        CASE WHEN NOT "project.accepted" THEN 0
            WHEN "project.acceptance_applied_on" <= 20239 AND "project.passed_first_time"
                THEN least("project.invested" * 7 // 10, 50000000)
            ELSE least("project.invested" * 3 // 5, 45000000) END::BIGINT AS hs
    FROM company
)
SELECT *,
    greatest(qz_1, qz_2, qz_3, qz_4) + qz_5 + qz_18 AS qz_total,
    qz_1 - 2 * (qz_1 // 5) AS qz1_central,
    qz_1 // 5 AS qz1_city,
    qz_1 // 5 AS qz1_county
FROM clause
"""


def _connect(columns: Columns) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": os.cpu_count() or 1})
    company = as_arrow(columns)
    connection.register("arriving", company)
    connection.execute("CREATE TABLE company AS SELECT * FROM arriving")
    connection.unregister("arriving")
    return connection


def _run(connection: duckdb.DuckDBPyConnection) -> Any:
    return connection.sql(SQL).to_arrow_table()


def _to_columns(table: Any) -> Columns:
    return {name: np.asarray(table[name].combine_chunks()) for name in OUTPUTS}


BULK = (BulkMode(name="arrow", prepare=_connect, run=_run, to_columns=_to_columns),)
