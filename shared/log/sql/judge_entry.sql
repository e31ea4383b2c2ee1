-- Why one entry was refused, or that it may be appended; called only after a violation.
-- Verdicts, in the order they are judged: 1 already, 2 stale, 3 key used, 4 conflict; 0 append.
-- fault: which of the entry's cursors (2) or events (4) it was, counted from 1.
CREATE OR REPLACE FUNCTION judge_entry(
    told_streams text[], told_versions bigint[], told_digests bytea[],
    told_client text, told_key text,
    told_readers text[], told_topics text[], told_partitions integer[],
    told_sources bigint[], told_targets bigint[],
    OUT verdict smallint, OUT fault integer,
    OUT found_position bigint, OUT found_hash bytea, OUT found_at timestamptz
) LANGUAGE plpgsql STABLE AS $body$
DECLARE
    event_count CONSTANT integer := coalesce(array_length(told_streams, 1), 0);
    cursor_count CONSTANT integer := coalesce(array_length(told_readers, 1), 0);
    same integer := 0;
    taken integer := 0;
    arrived integer := 0;
    stale integer := 0;
    stands bigint;
    found_digest bytea;
BEGIN
    FOR i IN 1..event_count LOOP
        SELECT e.digest, e.position, e.hash, e.recorded_at
          INTO found_digest, found_position, found_hash, found_at
          FROM events e WHERE e.stream = told_streams[i] AND e.version = told_versions[i];
        IF found_digest = told_digests[i] THEN
            same := same + 1;
        END IF;
        IF FOUND AND taken = 0 THEN
            taken := i;
        END IF;
    END LOOP;
    FOR i IN 1..cursor_count LOOP
        SELECT max(c.n) INTO stands FROM cursors c
         WHERE c.reader = told_readers[i] AND c.topic = told_topics[i]
           AND c.partition = told_partitions[i];
        IF coalesce(stands, 0) = told_targets[i] THEN
            arrived := arrived + 1;
        END IF;
        IF coalesce(stands, 0) <> told_sources[i] AND stale = 0 THEN
            stale := i;
        END IF;
    END LOOP;
    IF (event_count > 0 AND same = event_count)
       OR (event_count = 0 AND cursor_count > 0 AND arrived = cursor_count) THEN
        verdict := 1;
    ELSIF stale > 0 THEN
        verdict := 2;
        fault := stale;
    ELSIF EXISTS (
        SELECT FROM request_keys k WHERE k.client = told_client AND k.key = told_key
    ) THEN
        verdict := 3;
    ELSIF taken > 0 THEN
        verdict := 4;
        fault := taken;
    ELSE
        verdict := 0;
    END IF;
END
$body$
