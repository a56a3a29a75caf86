"""Views that rules and lists read, as they stand after ``0001_measures_tables``. A view is never behind its rows, whoever
wrote them: imports, their undoing, events of households, forms.

Two are facts for rules: the channels of income of a household, the leading enterprises of a county. Two say what merged
households had, read with the one that goes on, over the events that stand: where a household that was merged is back on
the register (an export brought it), it keeps its own. The channels of income follow by the day: a link counts for the
household that was merged until then, from then on for the other.

A later migration that changes a column which a view reads drops the view and makes it anew, in words of its own: what
stands here is what the first migration made.
"""

_MERGED = """merged(source, target, day) AS (
  SELECT e.household_id, e.other_id, e.day FROM register_event e
  WHERE e.kind = 'merge' AND NOT EXISTS (SELECT 1 FROM register_event u WHERE u.undoes_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM register_residence r WHERE r.household_id = e.household_id AND r.valid_to IS NULL))"""
_NOW = f"""
CREATE VIEW measures_household_now AS
WITH RECURSIVE {_MERGED},
chain(source, target) AS (
  SELECT source, target FROM merged
  UNION SELECT c.source, m.target FROM chain c JOIN merged m ON m.source = c.target)
SELECT source AS household_id, MAX(target) AS now_id FROM chain
WHERE target NOT IN (SELECT source FROM merged) GROUP BY source
"""
_HELD = f"""
CREATE VIEW measures_household_held AS
WITH RECURSIVE {_MERGED},
chain(source, holder, since) AS (
  SELECT source, target, day FROM merged
  UNION SELECT c.source, m.target, m.day FROM chain c JOIN merged m ON m.source = c.holder)
SELECT source AS household_id, source AS holder_id, NULL AS since, MIN(day) AS until FROM merged GROUP BY source
UNION ALL SELECT c.source, c.holder, c.since, (SELECT MIN(m.day) FROM merged m WHERE m.source = c.holder) FROM chain c
"""
_OF_ALL = """SELECT COALESCE(h.holder_id, l.household_id) AS household_id, l.form AS way, l.enterprise_id,
    CASE WHEN h.since > l.valid_from THEN h.since ELSE l.valid_from END AS valid_from,
    CASE WHEN l.valid_to IS NULL OR h.until < l.valid_to THEN h.until ELSE l.valid_to END AS valid_to
  FROM measures_enterprise_link l LEFT JOIN measures_household_held h ON h.household_id = l.household_id
  WHERE l.superseded_at IS NULL AND (h.until IS NULL OR h.until > l.valid_from)
    AND (h.since IS NULL OR l.valid_to IS NULL OR l.valid_to > h.since)"""
_SPANS = f"""
  {_OF_ALL}
  UNION ALL
  SELECT m.household_id, CASE w.kind WHEN 'public_post' THEN 'public_post' ELSE 'work' END, w.enterprise_id,
    CASE WHEN w.valid_from > m.valid_from THEN w.valid_from ELSE m.valid_from END,
    CASE WHEN w.valid_to IS NULL THEN m.valid_to WHEN m.valid_to IS NULL OR w.valid_to < m.valid_to THEN w.valid_to
      ELSE m.valid_to END
  FROM measures_work w JOIN register_membership m ON m.person_id = w.person_id
  WHERE w.superseded_at IS NULL AND (m.valid_to IS NULL OR m.valid_to > w.valid_from)
    AND (w.valid_to IS NULL OR w.valid_to > m.valid_from)
"""
_ENDED = """EXISTS (SELECT 1 FROM measures_enterprise_risk r WHERE r.superseded_at IS NULL
    AND r.enterprise_id = {enterprise} AND r.level IN ('stopped', 'bankrupt') AND r.day <= d.as_of
    AND NOT EXISTS (SELECT 1 FROM measures_enterprise_risk n WHERE n.superseded_at IS NULL
      AND n.enterprise_id = r.enterprise_id AND n.day > r.day AND n.day <= d.as_of))"""
_VERSION = """CAST(substr(CAST(d.as_of AS text), 1, 4) AS integer) AS year, d.as_of AS as_of,
  CAST(NULL AS bigint) AS sheet_id, CAST(NULL AS integer) AS "row", CAST(NULL AS timestamp) AS superseded_at"""

_CHANNELS = f"""
CREATE VIEW measures_household_channels AS
SELECT d.household_id AS household_id, {_VERSION}, COUNT(DISTINCT s.way) AS income_channels
FROM (
  SELECT household_id, valid_from AS as_of FROM ({_SPANS}) a
  UNION SELECT household_id, valid_to FROM ({_SPANS}) b WHERE valid_to IS NOT NULL
  UNION SELECT c.household_id, r.day FROM ({_SPANS}) c
    JOIN measures_enterprise_risk r ON r.enterprise_id = c.enterprise_id AND r.superseded_at IS NULL
      AND r.day > c.valid_from AND (c.valid_to IS NULL OR r.day < c.valid_to)
) d LEFT JOIN ({_SPANS}) s ON s.household_id = d.household_id AND s.valid_from <= d.as_of
  AND (s.valid_to IS NULL OR s.valid_to > d.as_of) AND NOT {_ENDED.format(enterprise="s.enterprise_id")}
GROUP BY d.household_id, d.as_of
"""
_OF_COUNTY = """JOIN register_area_version p ON p.area_id = v.area_id AND NOT EXISTS (
      SELECT 1 FROM register_area_version q WHERE q.area_id = p.area_id AND q.valid_from > p.valid_from)
    JOIN register_area_version c ON c.level = 'county' AND c.valid_to IS NULL
      AND substr(p.path, 1, length(c.path)) = c.path"""
_LEADING = f"""
CREATE VIEW measures_county_enterprises AS
SELECT d.area_id AS area_id, {_VERSION}, (
  SELECT COUNT(*) FROM measures_enterprise_version v {_OF_COUNTY}
  WHERE c.area_id = d.area_id AND v.superseded_at IS NULL AND v.kind = 'leading' AND v.as_of <= d.as_of
    AND NOT EXISTS (SELECT 1 FROM measures_enterprise_version n WHERE n.superseded_at IS NULL
      AND n.enterprise_id = v.enterprise_id AND n.as_of > v.as_of AND n.as_of <= d.as_of)
    AND EXISTS (SELECT 1 FROM measures_enterprise_link l WHERE l.superseded_at IS NULL
      AND l.enterprise_id = v.enterprise_id AND l.valid_from <= d.as_of
      AND (l.valid_to IS NULL OR l.valid_to > d.as_of))
    AND NOT {_ENDED.format(enterprise="v.enterprise_id")}
) AS leading_enterprises
FROM (
  SELECT c.area_id, v.as_of FROM measures_enterprise_version v {_OF_COUNTY} WHERE v.superseded_at IS NULL
  UNION SELECT c.area_id, l.valid_from FROM measures_enterprise_version v {_OF_COUNTY}
    JOIN measures_enterprise_link l ON l.enterprise_id = v.enterprise_id AND l.superseded_at IS NULL
    WHERE v.superseded_at IS NULL AND v.kind = 'leading'
  UNION SELECT c.area_id, l.valid_to FROM measures_enterprise_version v {_OF_COUNTY}
    JOIN measures_enterprise_link l ON l.enterprise_id = v.enterprise_id AND l.superseded_at IS NULL
      AND l.valid_to IS NOT NULL
    WHERE v.superseded_at IS NULL AND v.kind = 'leading'
  UNION SELECT c.area_id, r.day FROM measures_enterprise_version v {_OF_COUNTY}
    JOIN measures_enterprise_risk r ON r.enterprise_id = v.enterprise_id AND r.superseded_at IS NULL
    WHERE v.superseded_at IS NULL AND v.kind = 'leading'
) d
"""

# in the order in which they need one another
CREATE = (_NOW, _HELD, _CHANNELS, _LEADING)
DROP = (
    "DROP VIEW measures_county_enterprises",
    "DROP VIEW measures_household_channels",
    "DROP VIEW measures_household_held",
    "DROP VIEW measures_household_now",
)
