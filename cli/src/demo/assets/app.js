// Everything here is comfort: the pages work without it.
"use strict";

(function () {
  function cookie(name) {
    var pairs = document.cookie.split("; ");
    for (var i = 0; i < pairs.length; i += 1) {
      var cut = pairs[i].indexOf("=");
      if (pairs[i].slice(0, cut) === name) { return pairs[i].slice(cut + 1); }
    }
    return "";
  }

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  function say(element, text) {
    element.textContent = text;
  }

  // The colours live in a plain cookie that only scripts and the page head read.
  function applyTheme() {
    document.body.className = "theme-" + (cookie("wb_theme") === "dark" ? "dark" : "light");
  }

  each("[data-theme-switch]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var next = cookie("wb_theme") === "dark" ? "light" : "dark";
      document.cookie = "wb_theme=" + next + "; path=/; max-age=31536000; samesite=lax";
      applyTheme();
    });
  });

  each("a[data-popup]", function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      window.open(link.getAttribute("href"), "wardbook-popup", "width=480,height=420");
    });
  });

  each("[data-reload-list]", function (button) {
    var state = document.querySelector("[data-list-state]");
    button.hidden = false;
    button.addEventListener("click", function () {
      var request = new XMLHttpRequest();
      request.open("GET", "/api/patients.json");
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.onload = function () {
        if (request.status === 200) {
          say(state, JSON.parse(request.responseText).length + " patients, list is up to date");
        } else {
          say(state, "You are signed out. Please reload the page.");
        }
      };
      request.onerror = function () { say(state, "Wardbook does not answer."); };
      request.send();
    });
  });

  each("[data-ticker]", function (place) {
    var scheme = window.location.protocol === "https:" ? "wss://" : "ws://";
    var socket = new WebSocket(scheme + window.location.host + "/ws/ticker");
    socket.onmessage = function (message) {
      say(place, "tick " + JSON.parse(message.data).tick);
    };
    socket.onclose = function () { say(place, "closed"); };
  });

  each("[data-events]", function (place) {
    var source = new EventSource("/events");
    source.addEventListener("tick", function (message) {
      say(place, "event " + JSON.parse(message.data).tick);
    });
    source.onerror = function () { say(place, "closed"); };
  });

  applyTheme();
}());
