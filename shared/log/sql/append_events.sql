-- One append: numbers, chains and inserts entries, each whole or not at all.
-- Entries, and what they hold, come as arrays counted from 1 and sorted by entry. An entry's events
-- are those from event_starts to event_ends (none when the start lies behind the end), its cursors
-- likewise; entry_keys is the index of its request key or 0. contract_series is an index into
-- (series_topics, series_partitions), contract_events the event behind a contract or 0.
-- Answers one row of arrays, one element an entry: verdicts as in judge_entry, faults (which of the
-- entry's cursors or events was refused), and place, hash and time of the entry's last event.
-- Arrays are walked by index and never joined: the planner knows nothing of their sizes.
CREATE OR REPLACE FUNCTION append_events(
    clock_offset interval, caller_clock timestamptz,
    event_starts integer[], event_ends integer[],
    cursor_starts integer[], cursor_ends integer[], entry_keys integer[],
    event_streams text[], event_versions bigint[], event_types text[],
    event_schemas integer[], event_datas bytea[], event_metas bytea[], event_digests bytea[],
    series_topics text[], series_partitions integer[],
    contract_entries integer[], contract_series integer[], contract_events integer[],
    contract_ids text[], contract_types text[], contract_keys text[], contract_subjects text[],
    contract_times text[], contract_attributes bytea[], contract_datas bytea[],
    key_entries integer[], key_clients text[], key_keys text[], key_fingerprints bytea[],
    key_streams text[], key_versions bigint[], key_statuses integer[],
    cursor_readers text[], cursor_topics text[], cursor_partitions integer[],
    cursor_sources bigint[], cursor_targets bigint[],
    parked_entries integer[], parked_readers text[], parked_topics text[],
    parked_partitions integer[], parked_ns bigint[], parked_keys text[],
    parked_records bytea[], parked_errors text[],
    OUT verdicts smallint[], OUT faults integer[],
    OUT positions bigint[], OUT hashes bytea[], OUT stamps timestamptz[]
) LANGUAGE plpgsql
SET lock_timeout = '5s'
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
AS $body$
DECLARE
    entry_count CONSTANT integer := cardinality(event_ends);
    contract_count CONSTANT integer := cardinality(contract_entries);
    base_position bigint;
    base_hash bytea;
    base_at timestamptz;
    stamp timestamptz;
    stamp_bytes bytea;
    head_position bigint;
    head_hash bytea;
    event_positions bigint[];
    event_hashes bytea[];
    series_heads bigint[];
    contract_numbers bigint[];
    contract_positions bigint[];
    slot integer;
    judged record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs read committed' USING ERRCODE = 'OD002';
    END IF;
    PERFORM pg_advisory_xact_lock(1);

    SELECT e.position, e.hash, e.recorded_at INTO base_position, base_hash, base_at
      FROM events e ORDER BY e.position DESC LIMIT 1;
    stamp := greatest(base_at, clock_timestamp() + clock_offset);
    IF stamp > caller_clock + interval '5 minutes'
       AND (base_at IS NULL OR stamp > base_at + interval '5 minutes') THEN
        RAISE EXCEPTION 'the database clock is far ahead' USING ERRCODE = 'OD001';
    END IF;
    stamp_bytes := int8send((extract(epoch FROM stamp) * 1000000)::bigint);
    base_position := coalesce(base_position, 0);
    base_hash := coalesce(base_hash, decode(repeat('00', 32), 'hex'));
    verdicts := array_fill(0::smallint, ARRAY[entry_count]);
    faults := array_fill(0, ARRAY[entry_count]);

    FOR attempt IN 1..2 LOOP
        BEGIN
            head_position := base_position;
            head_hash := base_hash;
            FOR i IN 1..entry_count LOOP
                IF verdicts[i] <> 0 THEN
                    -- Every element is set, in order: an array begun at another index would not
                    -- be counted from 1.
                    FOR j IN event_starts[i]..event_ends[i] LOOP
                        event_positions[j] := NULL;
                        event_hashes[j] := NULL;
                    END LOOP;
                    CONTINUE;
                END IF;
                FOR j IN event_starts[i]..event_ends[i] LOOP
                    head_position := head_position + 1;
                    head_hash := sha256(
                        head_hash || int8send(head_position) || stamp_bytes || event_digests[j]);
                    event_positions[j] := head_position;
                    event_hashes[j] := head_hash;
                END LOOP;
                positions[i] := head_position;
                hashes[i] := head_hash;
                stamps[i] := stamp;

                FOR j IN cursor_starts[i]..cursor_ends[i] LOOP
                    UPDATE cursors c SET n = cursor_targets[j]
                     WHERE c.reader = cursor_readers[j] AND c.topic = cursor_topics[j]
                       AND c.partition = cursor_partitions[j] AND c.n = cursor_sources[j];
                    CONTINUE WHEN FOUND;
                    IF cursor_sources[j] <> 0 THEN
                        RAISE EXCEPTION 'stale cursor' USING ERRCODE = 'OD004';
                    END IF;
                    INSERT INTO cursors (reader, topic, partition, n)
                    VALUES (cursor_readers[j], cursor_topics[j], cursor_partitions[j],
                            cursor_targets[j]);
                END LOOP;
            END LOOP;

            INSERT INTO events (position, stream, version, type, schema, recorded_at,
                                data, meta, digest, hash)
            SELECT given.place, given.stream, given.version, given.type, given.schema, stamp,
                   given.data, given.meta, given.digest, given.link
              FROM unnest(event_positions, event_streams, event_versions, event_types,
                          event_schemas, event_datas, event_metas, event_digests, event_hashes)
                AS given(place, stream, version, type, schema, data, meta, digest, link)
             WHERE given.place IS NOT NULL;

            IF contract_count > 0 THEN
                FOR i IN 1..cardinality(series_topics) LOOP
                    series_heads[i] := (
                        SELECT coalesce(max(p.n), 0) FROM published p
                         WHERE p.topic = series_topics[i] AND p.partition = series_partitions[i]);
                END LOOP;
                FOR i IN 1..contract_count LOOP
                    contract_numbers[i] := NULL;
                    contract_positions[i] := NULL;
                    CONTINUE WHEN verdicts[contract_entries[i]] <> 0;
                    slot := contract_series[i];
                    series_heads[slot] := series_heads[slot] + 1;
                    contract_numbers[i] := series_heads[slot];
                    contract_positions[i] := event_positions[contract_events[i]];
                END LOOP;
                INSERT INTO published (topic, partition, n, position, id, type, key, subject, time,
                                       recorded_at, attributes, data)
                SELECT series_topics[given.series], series_partitions[given.series], given.number,
                       given.place, given.id, given.type, given.key, given.subject, given.time,
                       stamp, given.attributes, given.data
                  FROM unnest(contract_series, contract_numbers, contract_positions, contract_ids,
                              contract_types, contract_keys, contract_subjects, contract_times,
                              contract_attributes, contract_datas)
                    AS given(series, number, place, id, type, key, subject, time, attributes, data)
                 WHERE given.number IS NOT NULL;
            END IF;

            IF cardinality(key_entries) > 0 THEN
                INSERT INTO request_keys (client, key, fingerprint, stream, version, position,
                                          status, recorded_at)
                SELECT given.client, given.key, given.fingerprint, given.stream, given.version,
                       positions[given.entry], given.status, stamp
                  FROM unnest(key_entries, key_clients, key_keys, key_fingerprints, key_streams,
                              key_versions, key_statuses)
                    AS given(entry, client, key, fingerprint, stream, version, status)
                 WHERE verdicts[given.entry] = 0;
            END IF;

            IF cardinality(parked_entries) > 0 THEN
                INSERT INTO dead_letters (reader, topic, partition, n, key, record, error,
                                          state, attempts, at)
                SELECT given.reader, given.topic, given.partition, given.n, given.key,
                       given.record, given.error, 'parked', 0, stamp
                  FROM unnest(parked_entries, parked_readers, parked_topics, parked_partitions,
                              parked_ns, parked_keys, parked_records, parked_errors)
                    AS given(entry, reader, topic, partition, n, key, record, error)
                 WHERE verdicts[given.entry] = 0
                ON CONFLICT ON CONSTRAINT dead_letters_pkey DO UPDATE
                   SET key = excluded.key, record = excluded.record, error = excluded.error,
                       state = excluded.state, at = excluded.at;
            END IF;
            EXIT;
        EXCEPTION WHEN unique_violation OR SQLSTATE 'OD004' THEN
            IF attempt = 2 THEN
                RAISE EXCEPTION 'entries of one append share something' USING ERRCODE = 'OD005';
            END IF;
            FOR i IN 1..entry_count LOOP
                SELECT * INTO judged FROM judge_entry(
                    event_streams[event_starts[i]:event_ends[i]],
                    event_versions[event_starts[i]:event_ends[i]],
                    event_digests[event_starts[i]:event_ends[i]],
                    key_clients[entry_keys[i]], key_keys[entry_keys[i]],
                    cursor_readers[cursor_starts[i]:cursor_ends[i]],
                    cursor_topics[cursor_starts[i]:cursor_ends[i]],
                    cursor_partitions[cursor_starts[i]:cursor_ends[i]],
                    cursor_sources[cursor_starts[i]:cursor_ends[i]],
                    cursor_targets[cursor_starts[i]:cursor_ends[i]]);
                verdicts[i] := judged.verdict;
                faults[i] := judged.fault;
                positions[i] := coalesce(judged.found_position, base_position);
                hashes[i] := coalesce(judged.found_hash, base_hash);
                stamps[i] := coalesce(judged.found_at, base_at, stamp);
            END LOOP;
        END;
    END LOOP;
END
$body$
