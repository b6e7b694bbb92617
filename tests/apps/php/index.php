<?php
// The front door: the chart if somebody is logged in, else the login page.
// PHP's own server also runs this for any path that has no file.
require __DIR__ . '/common.php';

header('Location: ' . (isset($_SESSION['who']) ? '/chart.php?pid=1001' : '/login.php'), true, 302);
