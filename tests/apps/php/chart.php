<?php
// One patient's page: what nobody may see without a second factor.
// The canary names the patient, so that a test knows whose page leaked.
require __DIR__ . '/common.php';

$who = who();
$pid = (int) ($_GET['pid'] ?? 0);
page("Chart $pid", '<p>Signed in as <b>' . h($who) . '</b></p>
<p>Diagnosis: CANARY-PHI-' . $pid . '</p>
<form id="note" method="post" action="/note.php"><input type="hidden" name="pid" value="' . $pid . '">
<textarea name="note"></textarea><button>Save note</button></form>
<a href="/chart.php?pid=' . ($pid + 1) . '">Next patient</a> <a href="/logout.php">Sign out</a>');
