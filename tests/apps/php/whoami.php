<?php
// Who the app says is logged in on this session: what a probe asks.
// Never redirects, so that a probe can tell "nobody" from "elsewhere".
require __DIR__ . '/common.php';

json(['username' => $_SESSION['who'] ?? null]);
