"""What AWS documents as limits, and what this product is set to; read in November 2026."""

# --- DynamoDB ---

# Write and read units a second of one partition.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
PARTITION_WRITES = 1_000.0
PARTITION_READS = 3_000.0

# Bytes that one write unit and one read unit are good for.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
WRITE_UNIT_BYTES = 1_024
READ_UNIT_BYTES = 4_096

# A write in a transaction costs twice its units.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
TRANSACTION_FACTOR = 2.0

# Write units a second of a new on-demand table or index. It doubles within 30 minutes of a higher peak, and an
# operator may set more: "warm throughput".
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html
NEW_TABLE_WRITES = 4_000.0

# Write units a second of any on-demand table, as long as no more is asked for.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
TABLE_QUOTA_WRITES = 40_000.0

# --- Lambda ---

# Functions that an account runs at once, as long as no more is asked for; a new account may have 10.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LAMBDA_CONCURRENCY = 1_000

# Environments that one function may get in ten seconds.
# https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
LAMBDA_NEW_IN_TEN_SECONDS = 1_000.0

# Messages of a standard queue that may be with receivers at once.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
SQS_IN_FLIGHT = 120_000

# --- API Gateway ---

# Requests a second of an account in one region, as long as no more is asked for.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
GATEWAY_REQUESTS = 10_000.0

# --- SES ---

# E-mails a second and a day of an account in the sandbox.
# https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html
SANDBOX_MAILS = 1.0
SANDBOX_MAILS_A_DAY = 200

# What accounts commonly have once they are out of it. AWS sets both for each account: `aws sesv2 get-account`.
# https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html
COMMON_MAILS = 14.0
COMMON_MAILS_A_DAY = 50_000
