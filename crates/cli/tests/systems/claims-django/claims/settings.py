import os

SECRET_KEY = os.environ["SECRET_KEY"]
CLAIMS_TOPIC = os.environ.get("CLAIMS_TOPIC", "claims.filed.v1")
DECISIONS_TOPIC = "claims.decided.v1"
