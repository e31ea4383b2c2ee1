"""The names that figures, bars, tables and pictures share."""

APPEND, POST, EIGHT, REBUILD, RELAY, ROAD = "append", "post", "eight", "rebuild", "relay", "road"
PROCESSES, COST, VERIFY, IMPORT, LONG = "processes", "cost", "verify", "import", "long"

POSTGRES, SQLITE = "Open Door, PostgreSQL", "Open Door, SQLite"
POSTGRES_WORKING = "Open Door, PostgreSQL, worker running"
SQLITE_WORKING = "Open Door, SQLite, worker running"
NOOP, NOOP_WORKING = "no-op POST of the same app", "no-op POST, worker running"
PLAIN = "plain handler"
EVENTSOURCING, MESSAGE_DB = "eventsourcing, save", "message-db, write_message"
REPLAY, REPLAY_ROWS = "eventsourcing, replay", "eventsourcing, replay with rows written"
KAFKA_PERFORMANCE = "Kafka's ProducerPerformance"

ALONE, TOTAL = "one process alone", "eight processes together"
FAIRNESS = "slowest of eight against fastest"
ROAD_ANSWERED = "from the answer to the classification"
ROAD_SENT = "from the sending of the classification"
LONG_FEW, LONG_MANY = "append, p50, at 100 thousand events", "append, p50, at 10 million events"
LONG_VERIFY = "verification of 1 million events"

CLIENTS = (1, 8, 32, 128)
ROUNDS = 5
