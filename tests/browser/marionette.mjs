// SPDX-License-Identifier: Apache-2.0
// Firefox ESR without a window, in a profile of its own, driven over its own protocol (Marionette: length:JSON over TCP).
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const START_MS = 30_000;

function promise() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

export class Firefox {
  #socket;
  #process;
  #input = Buffer.alloc(0);
  #waiting = new Map();
  #greeted = promise();
  #last = 0;

  /** Starts one with these prefs in a new folder below this one, or in a home that has its folder `profile`; the port is the browser's own choice. */
  static async start(below, prefs = {}, home = mkdtempSync(join(below, "firefox-")), { program = "firefox-esr", acceptInsecureCerts = false } = {}) {
    const profile = join(home, "profile");
    mkdirSync(profile, { recursive: true });
    rmSync(join(profile, "MarionetteActivePort"), { force: true }); // of the one before it
    const lines = Object.entries({ "marionette.port": 0, ...prefs }).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
    writeFileSync(join(profile, "user.js"), lines.join(""));
    const firefox = new Firefox();
    const options = ["--marionette", "--remote-allow-system-access", "--headless", "--no-remote", "--profile", profile];
    firefox.#process = spawn(program, options, { stdio: "ignore", env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home } });
    try {
      await firefox.#attach(join(profile, "MarionetteActivePort"), acceptInsecureCerts);
    } catch (error) {
      await firefox.stop();
      throw error;
    }
    return firefox;
  }

  async #attach(portFile, acceptInsecureCerts) {
    for (const end = Date.now() + START_MS; !existsSync(portFile) || !readFileSync(portFile, "utf8").trim(); await sleep(50)) {
      if (this.#process.exitCode !== null) throw new Error(`firefox-esr ended with ${this.#process.exitCode}`);
      if (Date.now() > end) throw new Error("firefox-esr opened no Marionette port");
    }
    this.#socket = connect(Number(readFileSync(portFile, "utf8")), "127.0.0.1");
    this.#socket.on("data", (bytes) => this.#receive(bytes));
    this.#socket.on("error", (error) => this.#greeted.reject(error));
    this.#socket.on("close", () => this.#waiting.forEach(({ reject }) => reject(new Error("firefox-esr is gone"))));
    await this.#greeted.promise;
    await this.send("WebDriver:NewSession", { strictFileInteractability: true, acceptInsecureCerts });
    await this.send("WebDriver:SetTimeouts", { script: 15_000, pageLoad: 10_000, implicit: 0 });
  }

  #receive(bytes) {
    this.#input = Buffer.concat([this.#input, bytes]);
    for (;;) {
      const colon = this.#input.indexOf(":");
      const end = colon + 1 + Number(this.#input.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#input.length < end) return;
      const message = JSON.parse(this.#input.subarray(colon + 1, end).toString());
      this.#input = this.#input.subarray(end);
      if (!Array.isArray(message)) {
        this.#greeted.resolve(message);
        continue;
      }
      const [, id, error, result] = message;
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(`${error.error}: ${error.message}`));
      else resolve(result);
    }
  }

  /** One command; its result. */
  send(name, parameters = {}) {
    const text = JSON.stringify([0, ++this.#last, name, parameters]);
    const answer = promise();
    this.#waiting.set(this.#last, answer);
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    return answer.promise;
  }

  goto(url) {
    return this.send("WebDriver:Navigate", { url });
  }

  /** Calls a function of the page, which may give a promise, by its global name. */
  async callPage(name, ...args) {
    const script = `const [name, args, done] = arguments;
      window[name](...args).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value } = await this.send("WebDriver:ExecuteAsyncScript", { script, args: [name, args] });
    if (value.error) throw new Error(value.error);
    return value.value;
  }

  /** Runs the body of an asynchronous function in the page; what it gives. */
  async runPage(body, ...args) {
    const script = `const done = arguments[arguments.length - 1], args = [...arguments].slice(0, -1);
      (async (...args) => { ${body} })(...args).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value } = await this.send("WebDriver:ExecuteAsyncScript", { script, args });
    if (value.error) throw new Error(value.error);
    return value.value;
  }

  /** Runs a script with the browser's own rights. */
  async runChrome(script, ...args) {
    await this.send("Marionette:SetContext", { value: "chrome" });
    try {
      return (await this.send("WebDriver:ExecuteScript", { script, args })).value;
    } finally {
      await this.send("Marionette:SetContext", { value: "content" });
    }
  }

  /** Ends the browser that start() started. */
  async stop() {
    this.#socket?.destroy();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const late = setTimeout(() => this.#process.kill("SIGKILL"), 5000);
    await gone;
    clearTimeout(late);
  }
}
