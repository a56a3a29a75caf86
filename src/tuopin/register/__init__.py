"""The register: areas, households, persons, their dated facts, and the import of workbooks."""
