"""The content of a gradebook, without ids."""

from __future__ import annotations

from typing import Any

from nbgrader.api import Base
from sqlalchemy import create_engine, inspect, select

Table = list[tuple[Any, ...]]


def tables(url: str) -> dict[str, Table]:
    """Return every table of a gradebook with sorted rows; each id is replaced by its row."""
    engine = create_engine(url)
    metadata = Base.metadata
    with engine.connect() as connection:
        others = set(inspect(engine).get_table_names()) - metadata.tables.keys()
        assert others == {"alembic_version"}
        rows = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    keys = {
        (table.name, column.name): {(key.column.table.name) for key in column.foreign_keys}
        for table in metadata.tables.values()
        for column in table.columns
    }
    said: dict[str, Any] = {}

    def stands_for(name: str, row: dict[str, Any]) -> tuple[Any, ...]:
        cells = []
        for column, value in row.items():
            if column == "id" and isinstance(value, str) and len(value) == 32:
                # Of a joined table, the row of the same id says more.
                value = said.get(value, "an id") if keys[name, column] else "an id"
            elif keys[name, column] and value in said:
                value = said[value]
            cells.append((column, value))
        return tuple(cells)

    done: dict[str, Table] = {}
    for table in metadata.sorted_tables:  # what is referred to comes before what refers to it
        done[table.name] = []
        for row in rows[table.name]:
            spoken = stands_for(table.name, row)
            if isinstance(row.get("id"), str) and not keys[table.name, "id"]:
                said[row["id"]] = spoken
            done[table.name].append(spoken)
        done[table.name].sort(key=repr)
    return done
