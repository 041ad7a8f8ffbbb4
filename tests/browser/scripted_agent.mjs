// SPDX-License-Identifier: Apache-2.0
// A second agent, of the rig's settings, whose user is a pinentry that follows a script: for what needs no window, or another card.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const { IMZA_WORK, IMZA_BUILD } = process.env;
const PIN = "123456";

export class ScriptedAgent {
  #process;
  #log;
  port;

  /** In this folder, for these developers' origins, with the rig's token; or with a module of tests/fakes/modules and its settings instead. */
  static async start(folder, origins, fake) {
    const agent = new ScriptedAgent();
    const runtime = join(folder, "run");
    mkdirSync(runtime, { mode: 0o700 });
    mkdirSync(join(folder, "state"));
    writeFileSync(join(runtime, "fake-pinentry"), `confirm ok\npin ${PIN}\n`);
    copyFileSync(fileURLToPath(new URL("../fakes/pinentry", import.meta.url)), join(folder, "pinentry"));
    chmodSync(join(folder, "pinentry"), 0o700);
    const module = fake ? `module = ${fakeModule(folder, fake)}` : /^module = .*$/m.exec(readFileSync(join(IMZA_WORK, "agent.conf"), "utf8"))[0];
    const settings = [module, ...origins.map((one) => `developer-origin = ${one}`), `pinentry = ${join(folder, "pinentry")}`, "dialog-arm-ms = 0",
      "consent-window = never", "language = tr"];
    writeFileSync(join(folder, "agent.conf"), `${settings.join("\n")}\n`, { mode: 0o600 });
    const env = { ...process.env, SOFTHSM2_CONF: join(IMZA_WORK, "token/softhsm2.conf"), XDG_STATE_HOME: join(folder, "state"), XDG_RUNTIME_DIR: runtime };
    agent.#log = join(folder, "agent.log");
    const log = openSync(agent.#log, "a");
    agent.#process = spawn(join(IMZA_BUILD, "agent/imza-agent"), ["--config", join(folder, "agent.conf")], { env, stdio: ["ignore", "pipe", log] });
    const [line] = await Promise.race([once(agent.#process.stdout, "data"), once(agent.#process, "exit")]);
    agent.port = Number(/^ready on port (\d+)/.exec(line)?.[1]);
    assert.ok(agent.port, readFileSync(agent.#log, "utf8"));
    return agent;
  }

  async stop() {
    if (this.#process.exitCode !== null) return;
    this.#process.kill("SIGTERM");
    const [code, signal] = await once(this.#process, "exit");
    const log = readFileSync(this.#log, "utf8");
    assert.deepEqual([code, signal, /Sanitizer: (?!SEGV)|runtime error: /.test(log)], [0, null, false], log.slice(-20_000)); // a leak is told at the end
  }
}

/** A copy of its own, with the settings beside it that the module reads. */
function fakeModule(folder, { name, ...settings }) {
  const path = join(folder, `mod_${name}.so`);
  copyFileSync(join(IMZA_BUILD, `tests/fakes/modules/mod_${name}.so`), path);
  chmodSync(path, 0o700);
  writeFileSync(`${path}.settings`, Object.entries(settings).map(([key, value]) => `${key}=${value}\n`).join(""));
  return path;
}
