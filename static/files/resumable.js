// A large file in parts, by the tus protocol 1.0.0 (core, creation, termination): it goes on where it stopped.
//
// Ours, and not tus-js-client: of its 87 kB minified (4.3.1) we would use the one loop below; the key of our forms, the sentences and
// the list of what is not whole yet (which the server keeps, not the browser) would have to be ours all the same.
"use strict";

(() => {
  const PIECE = 16_000_000;    // bytes of one request: what is sent anew at most when a line breaks
  const SMALL = 3_000_000;     // where only an ordinary POST passes
  const PAUSES = [1, 2, 5, 10, 20, 30];   // seconds before it is tried again; the last one from then on
  const MOST = 40;             // failures in a row: some twenty minutes
  const SPOKEN = { "Tus-Resumable": "1.0.0", Accept: "application/json" };

  const AWAY = "Er is geen verbinding met internet. Het versturen gaat verder zodra die er is.";
  const BROKEN = "De verbinding is verbroken. Wat verstuurd is, blijft bewaard; wij proberen het opnieuw.";
  const LOGGED_OUT = "U bent uitgelogd. Log opnieuw in en kies hetzelfde bestand: het versturen gaat verder waar het was.";
  const UNREADABLE = "Dit bestand is niet te lezen: het is verplaatst of gewijzigd. Kies het opnieuw.";
  const TOO_LARGE = "Dit bestand is te groot voor deze verbinding. Vraag uw ICT-afdeling wat er per keer door mag.";
  const GIVEN_UP = "De verbinding is verbroken. Wat verstuurd is, blijft bewaard. Probeer het opnieuw als de verbinding er weer is.";

  /** What nobody mends by waiting; `again`: whether a person can. */
  class Stop extends Error {
    constructor(sentence, again = false) {
      super(sentence);
      this.again = again;
    }
  }

  const encoded = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

  /**
   * Send `file`; `about`: begin (the address that takes announcements), address (of what was begun before), name, document, replaces.
   * `tell`: sent(bytes), waits(sentence), done(answer), failed(sentence, again), begun(address). Returns { abort, stop }.
   */
  function send(file, about, tell) {
    let { address } = about;
    let sent = address ? null : 0;   // null: the server must be asked
    let bridge = false;              // a POST in place of a PATCH
    let running = null;
    let stopped = false;
    let failures = 0;
    let barren = 0;                  // pieces of which nothing arrived
    let most = PIECE;
    let wake = () => {};

    /** One request; resolves to how it ended, with status 0 for a line that broke. */
    function ask(method, where, headers = {}, body = null) {
      return new Promise((resolve) => {
        const request = new XMLHttpRequest();
        running = request;
        request.open(method, where);
        for (const [name, value] of Object.entries({ ...SPOKEN, "X-CSRFToken": portal.key(), ...headers })) request.setRequestHeader(name, value);
        if (body) request.upload.addEventListener("progress", ({ loaded }) => tell.sent(Math.min(sent + loaded, file.size)));
        const end = () => {
          let said = {};
          try { said = JSON.parse(request.responseText); } catch { /* not an answer of ours */ }
          const header = request.status ? request.getResponseHeader("Upload-Offset") : null;
          // Who is logged out is led to the page of logging in.
          const led = request.responseURL && new URL(request.responseURL).pathname !== new URL(where, location.href).pathname;
          resolve({ status: led ? 401 : request.status, said, offset: header === null ? null : Number(header), place: request.status === 201 && request.getResponseHeader("Location") });
        };
        for (const event of ["load", "error", "abort", "timeout"]) request.addEventListener(event, end);
        request.send(body);
      });
    }

    async function begin() {
      const told = { filename: about.name, lastmodified: String(file.lastModified), ...(about.document && { document: about.document }), ...(about.replaces && { replaces: about.replaces }) };
      const metadata = Object.entries(told).map(([name, value]) => `${name} ${encoded(value)}`).join(",");
      const answer = await ask("POST", about.begin, { "Upload-Length": String(file.size), "Upload-Metadata": metadata });
      if (answer.status !== 201) return judge(answer);
      address = answer.place;
      sent = 0;
      tell.begun(address);
      return true;
    }

    async function locate() {
      const answer = await ask("HEAD", address);
      if (answer.status !== 200) return judge(answer);
      sent = answer.offset;
      tell.sent(sent);
      return true;
    }

    async function piece() {
      const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(sent) };
      if (bridge) headers["X-HTTP-Method-Override"] = "PATCH";
      const body = file.slice(sent, sent + (bridge ? SMALL : most));
      const answer = await ask(bridge ? "POST" : "PATCH", address, headers, body);
      if (answer.status === 201) {
        tell.done(answer.said);
        stopped = true;
        return true;
      }
      if (answer.status === 413 && !answer.said.error && most > SMALL) {   // of a proxy on the way
        most = SMALL;
        return true;
      }
      barren = answer.status === 0 ? barren + 1 : 0;
      if ([405, 501].includes(answer.status) || (answer.status === 403 && !answer.said.error) || (barren > 0 && barren % 2 === 0)) bridge = !bridge;
      if (answer.status === 204) failures = 0;
      if (answer.offset === null || ![204, 409].includes(answer.status)) return judge(answer, body);
      sent = answer.offset;
      tell.sent(sent);
      return true;
    }

    /** False: to be tried again. Raises Stop for what does not get better. */
    async function judge({ status, said, offset }, body = null) {
      if (stopped) return true;
      if (status === 400 && await portal.renewKey()) return true;
      if (status === 413 && !said.error) throw new Stop(TOO_LARGE);
      if ([404, 410].includes(status) && address) {   // its term was over, or it was stopped elsewhere
        address = null;
        sent = 0;
        return false;
      }
      if (status === 401) throw new Stop(LOGGED_OUT, true);
      if (said.error && status < 500) throw new Stop(said.error, ![413, 415, 422].includes(status));
      if (status === 0 && body && !(await body.slice(0, 1).arrayBuffer().then(() => true, () => false))) throw new Stop(UNREADABLE);
      sent = address ? null : 0;
      tell.waits(navigator.onLine ? said.error || BROKEN : AWAY);
      return offset !== null && status < 500;
    }

    const pause = (seconds) => new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, navigator.onLine ? seconds * 1000 : 3_600_000);
    });

    async function go() {
      try {
        while (!stopped) {
          const well = await (!address ? begin() : sent === null ? locate() : piece());
          if (stopped) return;
          if (well) continue;
          if (failures >= MOST) throw new Stop(GIVEN_UP, true);
          await pause(PAUSES[Math.min(failures, PAUSES.length - 1)]);
          failures += 1;
        }
      } catch (problem) {
        stopped = true;
        tell.failed(problem instanceof Stop ? problem.message : GIVEN_UP, !(problem instanceof Stop) || problem.again);
      } finally {
        removeEventListener("online", online);
      }
    }

    const online = () => wake();
    addEventListener("online", online);
    go();

    return {
      get address() { return address; },
      abort() {
        stopped = true;
        running?.abort();
        wake();
      },
      /** Give it up for good: what came is destroyed. */
      stop() {
        this.abort();
        if (address) portal.post(`${address}/stoppen`, () => new URLSearchParams(), { headers: { Accept: "application/json" } }).catch(() => {});
      },
    };
  }

  window.resumable = { send };
})();
