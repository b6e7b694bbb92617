<?php
// Server-sent events: one a tick, each with the canary, until the client goes or `n` are sent.
// For tests of what happens to a stream when its session ends.
require __DIR__ . '/common.php';

who();
session_write_close();
header('Content-Type: text/event-stream');
header('Cache-Control: no-cache');
for ($n = 0; $n < (int) ($_GET['n'] ?? 600); $n++) {
    echo "data: tick $n CANARY-PHI-1001\n\n";
    ob_get_level() && ob_flush();
    flush();
    if (connection_aborted()) {
        break;
    }
    usleep(100000);
}
