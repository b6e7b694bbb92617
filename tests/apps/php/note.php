<?php
// Saves a note, and lists those of the person. A lost or doubled note shows in the list.
// XHR gets JSON, a form is sent back to the chart.
require __DIR__ . '/common.php';

$who = who();
$xhr = ($_SERVER['HTTP_X_REQUESTED_WITH'] ?? '') === 'XMLHttpRequest';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $line = $who . "\t" . json_encode($_POST['note'] ?? null) . "\n";
    file_put_contents(notes_file(), $line, FILE_APPEND | LOCK_EX);
    if ($xhr) {
        json(['saved' => true]);
        exit;
    }
    header('Location: /chart.php?pid=' . (int) ($_POST['pid'] ?? 0), true, 303);
    exit;
}
$lines = is_file(notes_file()) ? file(notes_file(), FILE_IGNORE_NEW_LINES) : [];
$mine = array_filter($lines, fn ($line) => str_starts_with($line, "$who\t"));
json(['notes' => array_map(fn ($line) => json_decode(explode("\t", $line, 2)[1]), array_values($mine))]);
