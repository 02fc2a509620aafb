/// The page's script: shows the session's state, and does by `fetch` what the forms do without it.
enum DemoScript {
    static let text = #"""
        "use strict";
        const $ = id => document.getElementById(id);
        const writers = 20;
        let state = null, readAt = 0, sent = 0, isAway = false, hasEnded = false;

        function banner(text) {
          $("banner").textContent = text ?? "";
          $("banner").hidden = !text;
        }

        async function ask(path, options = {}) {
          const response = await fetch(path, {...options, headers: {Accept: "application/json", ...options.headers}});
          if (!response.ok) throw new Error(response.status === 503 ? "away" : await response.text());
          return response;
        }

        async function refresh() {
          try {
            show(await (await ask("/state")).json());
            if (!hasEnded) banner(null);
            isAway = false;
          } catch (error) { fail(error); }
        }

        function fail(error) {
          isAway = error.message === "away" || error instanceof TypeError;
          const away = "The store doesn't answer. Nothing is lost: this page goes on when it is back.";
          banner(isAway ? away : error.message);
        }

        function show(next) {
          if (state && (state.user !== next.user || state.id !== next.id)) return location.reload();
          state = next;
          readAt = performance.now();
          $("node").textContent = next.node;
          if (!next.id) return;
          $("exact").textContent = next.exact;
          $("naive").textContent = next.naive;
          $("naive").parentElement.classList.toggle("lost", next.naive < next.exact);
          $("fields").tBodies[0].replaceChildren(...Object.entries(next.fields).map(([name, value]) => {
            const row = document.createElement("tr");
            const code = document.createElement("code");
            code.textContent = JSON.stringify(value);
            row.append(Object.assign(document.createElement("th"), {textContent: name}), document.createElement("td"));
            row.lastChild.append(code);
            return row;
          }));
          if ($("devices")) $("devices").replaceChildren(...next.devices.map(device));
          tick();
        }

        function device(entry) {
          const item = document.createElement("li"), text = document.createElement("span");
          const seen = entry.isCurrent ? "this one" : `seen ${Math.round(entry.lastSeen)} s ago`;
          text.append(entry.name, Object.assign(document.createElement("small"), {textContent: seen}));
          item.append(text);
          if (!entry.isCurrent) {
            const form = Object.assign(document.createElement("form"), {method: "post", action: "/devices/revoke"});
            form.dataset.live = "";
            form.append(
              Object.assign(document.createElement("input"), {type: "hidden", name: "id", value: entry.id}),
              Object.assign(document.createElement("button"), {textContent: "Revoke"}));
            item.append(form);
          }
          return item;
        }

        function tick() {
          if (!state?.id) return;
          const passed = (performance.now() - readAt) / 1000;
          $("age").textContent = `${Math.round(state.age + passed)} s`;
          for (const name of ["idle", "absolute"]) {
            const timeout = state[name + "Timeout"];
            if (!$(name) || timeout == null) continue;
            const left = Math.max(0, state[name + "Remaining"] - passed);
            $(name).value = left;
            $(name + "-text").textContent = `${Math.round(left)} s of ${Math.round(timeout)} s`;
          }
        }

        async function write() {
          const button = $("write");
          button.disabled = true;
          const nodes = {};
          const send = async (way, number) => {
            const via = state.hasPeer && number % 2 ? "&via=peer" : "";
            const answer = await (await ask(`/writers?way=${way}${via}`, {method: "POST"})).text();
            const node = answer.trim().split(" ")[1];
            nodes[node] = (nodes[node] ?? 0) + 1;
          };
          try {
            for (const way of ["naive", "exact"]) {
              await Promise.all(Array.from({length: writers}, (_, number) => send(way, number)));
            }
            sent += writers;
            await refresh();
            const lost = sent - state.naive;
            $("written").textContent = `${sent} were sent, by ${Object.keys(nodes).join(" and ")}: ` +
              `${state.exact} counted by increment; load, modify, save lost ${lost}.`;
          } catch (error) { fail(error); }
          button.disabled = false;
        }

        document.addEventListener("submit", async event => {
          const form = event.target;
          if (!("live" in form.dataset) && form.id !== "set") return;
          event.preventDefault();
          try {
            if (form.id === "set") {
              const {name, value} = form.elements;
              await ask("/session", {method: "POST", body: JSON.stringify({[name.value]: value.value})});
              form.reset();
            } else {
              await ask(form.getAttribute("action"), {method: "POST", body: new URLSearchParams(new FormData(form))});
              if (form.getAttribute("action") === "/writers/reset") sent = 0;
              const rotated = form.querySelector("#rotated");
              if (rotated) rotated.textContent = "A new token: the old one is dead.";
            }
            await refresh();
          } catch (error) { fail(error); }
        });

        let events = null;

        function listen() {
          events = new EventSource("/events");
          events.addEventListener("node", () => {
            document.body.dataset.live = "";
            refresh();
          });
          events.addEventListener("ended", () => {
            hasEnded = true;
            events.close();
            banner("This session has ended, by this or another server. Reload the page for a new one.");
            for (const control of document.querySelectorAll("button, input")) control.disabled = true;
          });
          // After an answer that is no stream, such as a 503, a browser doesn't ask again by itself.
          events.addEventListener("error", async () => {
            if (hasEnded || events.readyState !== EventSource.CLOSED) return;
            await refresh();
            if (state?.id) setTimeout(listen, 1000);
          });
        }

        $("write")?.addEventListener("click", write);
        setInterval(tick, 1000);
        setInterval(async () => {
          if (hasEnded) return;
          const health = await fetch("/health").catch(() => null);
          if (!health?.ok) fail(new Error("away"));
          else if (isAway) refresh();
        }, 2000);
        addEventListener("focus", () => { if (!hasEnded) refresh(); });
        sent = Number($("exact")?.textContent ?? 0);
        listen();
        refresh();

        """#
}
