//! What every service needs: telemetry, shutdown, clock, ids, configuration, health.
