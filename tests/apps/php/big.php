<?php
// A download of `kb` kilobytes, sent as it is made: for tests that it streams and arrives whole.
// The last line says END, so that a cut shows.
require __DIR__ . '/common.php';

who();
session_write_close();
$kb = max(1, (int) ($_GET['kb'] ?? 1));
header('Content-Type: application/octet-stream');
header('Content-Length: ' . ($kb * 1024));
for ($n = 1; $n <= $kb; $n++) {
    echo $n < $kb ? str_repeat('x', 1023) . "\n" : str_repeat('x', 1019) . "\nEND\n";
}
