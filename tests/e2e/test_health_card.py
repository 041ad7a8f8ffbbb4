# SPDX-License-Identifier: Apache-2.0
"""Faults of the card, the reader and their service, made on the rig one by one: the right check names each, and no other check does."""
import os
import re
import shutil
import signal
import sys
import tarfile
import time
import unittest

import prometheus_client.openmetrics.parser as openmetrics
import prometheus_client.parser as prometheus

from agent_client import BUILD, PROGRAMS, Agent
from test_cards import AKIS, READER, RigToken, opensc
from test_health import FAKES, HealthCase, ROOT, Workstation

sys.path.insert(0, str(ROOT / "tests/rig"))
import card_files  # noqa: E402
import rig as rigs  # noqa: E402

SECOND = "Rig Okuyucu (RIG002) 01 00"


class CardHealth(HealthCase):
    """A service with two readers for the whole class; a workstation, and a card in reader 1, for each test."""

    USUAL = {"agent_running": "warning"}

    @classmethod
    def setUpClass(cls):
        why = rigs.available() or (None if opensc() else "opensc-pkcs11 is not installed")
        # The checks themselves run with sanitizers in test_health.py; a rig for each fault takes its time.
        if b"__asan_init" in (BUILD / "agent/imza-agent").read_bytes():
            why = why or "with sanitizers"
        if why:
            raise unittest.SkipTest(why)
        cls.files = card_files.CardFiles(keys=("9a", "9d"))
        cls.addClassCleanup(cls.files.close)
        cls.rig = rigs.Rig((1, 2))
        cls.addClassCleanup(cls.rig.close)
        cls.rig.start()

    def setUp(self):
        self.station = self.station_new()
        self.card = self.rig.card(self.files)

    def tearDown(self):
        for card in self.rig.cards:
            rigs.end(card.process)
        self.rig.wait_empty()
        self.rig.cards.clear()

    def station_new(self, modules=None):
        station = Workstation(modules=[opensc()] if modules is None else modules, token=False, allowed=())
        self.addCleanup(station.agent.close)
        station.agent.settings += f"cards-dir = {ROOT / 'agent/data/cards.d'}\n"
        station.env.update(self.rig.env)
        return station

    def assert_bad(self, workstation, expected, *arguments, without=()):
        # A deep run finds none of the providers' servers from a network of its own.
        alone = {"network_hosts": "warning"} if "--deep" in arguments else {}
        super().assert_bad(workstation, {**alone, **expected}, *arguments, without=without)

    def put_in(self, atr):
        """A card of another kind; OpenSC's driver for PIV takes whatever answers as one."""
        self.card.remove()
        self.card.order("atr " + atr)
        self.card.order("fail a4 6a82 100000")
        self.card.insert()

    def change(self, **files):
        """Another card instead, with a folder of files that a function has changed."""
        folder = card_files.CardFiles(self.files.authority, **files)
        self.addCleanup(folder.close)
        self.card.remove()
        return folder

    def measured(self, check, *arguments):
        return next(c for c in self.station.doctor(*arguments)["checks"] if c["id"] == check)["measured"]


class Cards(CardHealth):
    def test_a_good_one(self):
        self.assert_bad(self.station, {}, "--deep")

    def test_none(self):
        self.card.remove()
        self.assert_bad(self.station, {"card_present": "warning"})

    def test_mute(self):
        self.card.remove()
        self.card.order("mute on")
        mark = self.rig.mark()
        self.card.order("insert")
        self.rig.wait("card mute", mark)
        self.assert_bad(self.station, {"card_mute": "failed"})

    def test_of_a_kind_that_nobody_knows(self):
        self.put_in("3B6500002063CB6800")
        self.assert_bad(self.station, {"card_known": "warning"})
        self.assertIn("3B6500002063CB6800", self.measured("card_known"))

    def test_whose_driver_is_missing(self):
        self.put_in(AKIS)
        self.assert_bad(self.station, {"card_driver": "failed"})
        self.assertIn("libakisp11.so", self.measured("card_driver"))

    def test_whose_driver_is_there_and_not_configured(self):
        self.put_in(AKIS)
        self.station.touch("usr/lib/akis/libakisp11.so")
        self.assert_bad(self.station, {"card_driver": "failed"})
        self.assertIn("usr/lib/akis/libakisp11.so", self.measured("card_driver"))

    def test_whose_driver_is_broken(self):
        """Each fault of the driver is told of the driver, not of the card."""
        for name, settings, spoil, expected in (
                ("mod_ok", "", lambda content: content[:18] + (8).to_bytes(2, sys.byteorder) + content[20:], "module_architecture"),
                ("mod_ok", "", lambda content: b"MZ" + content, "module_architecture"),
                ("mod_answers", "MOD_CALL=C_Initialize\nMOD_RV=0x7\n", bytes, "module_starts")):
            with self.subTest(name=name, expected=expected):
                folder = self.station.agent.folder
                module = folder / "libakisp11.so"
                module.write_bytes(spoil((FAKES / f"{name}.so").read_bytes()))
                module.chmod(0o644)
                (folder / "libakisp11.so.settings").write_text(settings, encoding="utf-8")
                if self.card.state()["inserted"]:
                    self.put_in(AKIS)
                station = self.station_new([module])
                self.assert_bad(station, {expected: "failed"})
        station.touch("opt/akis/lib/libakisp11.so", "an old one")
        module.write_bytes((FAKES / "mod_ok.so").read_bytes())
        self.assert_bad(station, {"module_versions": "warning", "certificate_qualified": "warning"})

    def test_two_cards(self):
        self.rig.card(self.files, reader=2, number=2)
        self.assert_bad(self.station, {"cards_several": "warning"})

    def test_one_that_another_program_keeps_to_itself(self):
        with self.rig.held(READER):
            self.assert_bad(self.station, {"reader_shared": "warning"}, "--deep")
        self.assert_bad(self.station, {})

    def test_slow(self):
        self.card.order("slow 450 84 2")
        self.assert_bad(self.station, {"card_speed": "warning"}, "--deep")

    def test_pulled_while_it_is_timed(self):
        self.card.order("fail 84 6f00 100000")      # an answer is an answer, whatever it says
        self.assertEqual(self.station.statuses("--deep")["card_speed"], "ok")
        found = re.search(r"(\d+) commands, median ([\d.]+) ms, p95 ([\d.]+) ms", self.measured("card_speed", "--deep"))
        self.assertEqual(found[1], "20")
        self.assertLessEqual(float(found[2]), float(found[3]))

    def test_nothing_personal_leaves_in_a_bundle(self):
        """The card's label is its holder's name."""
        archive, metrics = self.station.agent.folder / "report.tar", self.station.agent.folder / "imza.prom"
        done = self.station.command("--deep", "--bundle", archive, "--metrics", metrics)
        with tarfile.open(archive) as tar:
            texts = [tar.extractfile(member).read().decode() for member in tar.getmembers()]
        self.assertEqual(len(texts), 3)
        for text in [done.stdout, done.stderr, metrics.read_text(encoding="utf-8"), *texts]:
            for word in ("10000000146", "Çağla", "Şule", "Öğüt", "ÇAĞLA", "123456"):
                self.assertNotIn(word, text)

    def test_the_metrics_of_a_deep_run_are_read_by_prometheus(self):
        path = self.station.agent.folder / "imza.prom"
        self.station.command("--deep", "--metrics", path)
        text = path.read_text(encoding="utf-8")
        for parser in (openmetrics.text_string_to_metric_families, prometheus.text_string_to_metric_families):
            families = {family.name: family for family in parser(text)}
            speed = families["imza_agent_card_command_median_seconds"].samples[0]
            self.assertEqual(speed.labels, {"reader": READER})
            self.assertTrue(0 < speed.value <= families["imza_agent_card_command_p95_seconds"].samples[0].value < 1)
            checks = {sample.labels["id"]: sample.value for sample in families["imza_agent_check"].samples}
            self.assertEqual((checks["card_present"], checks["agent_running"]), (0, 1))
            self.assertTrue(all(family.type == "gauge" and family.documentation for family in families.values()))

    def test_nothing_is_logged_in(self):
        self.station.doctor("--deep")
        state = self.card.state()
        self.assertEqual((state["pin"], state["puk"], state["logins"]), (3, 3, 0))


class Pins(CardHealth):
    def wrong(self, tries):
        """Somebody types wrong PINs."""
        agent = Agent(modules=[opensc()], token=False, settings="pin-pause-seconds = 0\n")
        self.addCleanup(agent.close)
        agent.token = RigToken(self.rig)
        agent.start()
        page = agent.page()
        card = page.call("card.list")["cards"][0]["id"]
        for _ in range(tries):
            agent.script("confirm ok", "pin 999999", "pin cancel") if _ == 2 else agent.script("pin 999999", "pin cancel", "confirm cancel")
            page.refused("pin.verify", card=card)
        agent.close()
        self.assertEqual(self.card.state()["pin"], 3 - tries)

    def test_one_try_left(self):
        self.wrong(2)
        self.assert_bad(self.station, {"pin_tries": "warning"})

    def test_locked(self):
        self.wrong(3)
        self.assert_bad(self.station, {"pin_locked": "failed"})


class Certificates(CardHealth):
    def card_with(self, keys=("9d",), **dates):
        files = self.change(keys=keys)
        for key, (first, last) in dates.items():
            files.redate(key.removeprefix("k"), first, last)
        self.card = self.rig.card(files)

    def test_expired(self):
        self.card_with(k9d=(-800, -1))
        self.assert_bad(self.station, {"certificate_expired": "failed"})

    def test_not_yet_valid(self):
        self.card_with(k9d=(1, 700))
        self.assert_bad(self.station, {"certificate_started": "failed"})

    def test_expiring(self):
        self.card_with(k9d=(-1000, 89))
        self.assert_bad(self.station, {"certificate_expiring": "warning"})
        self.card_with(k9d=(-1000, 92))
        self.assert_bad(self.station, {})

    def test_of_the_wrong_kind(self):
        self.card_with(keys=("9a",))
        self.assert_bad(self.station, {"certificate_kind": "failed"})

    def test_none(self):
        self.card_with(keys=())
        self.assert_bad(self.station, {"certificate_present": "failed"})

    def test_the_old_one_beside_the_new_one(self):
        self.card_with(keys=("9d", "82"), k9d=(-1100, -5))
        self.assert_bad(self.station, {"certificate_renewed": "warning"})


class Clock(CardHealth):
    def test_far_behind(self):
        """The program is from the day after tomorrow: the certificate, whose dates can't be judged then, is not the one at fault."""
        folder = self.station.agent.folder / "programs"
        folder.mkdir()
        for name in PROGRAMS:
            shutil.copy(BUILD / "agent" / name, folder)
        os.utime(folder / "imza-agent", (time.time() + 2 * 86400 + 60,) * 2)
        self.station.program = folder / "imza-agent"
        self.assert_bad(self.station, {"clock_plausible": "failed"})
        self.assertEqual(self.station.statuses()["certificate_started"], "skipped")


class Readers(CardHealth):
    def test_one_that_is_broken_beside_a_good_one(self):
        self.rig.breaks(2)
        try:
            self.assert_bad(self.station, {"reader_state": "failed"})
            self.assertIn(SECOND, self.measured("reader_state"))
        finally:
            self.rig.breaks(2, broken=False)
        self.assert_bad(self.station, {})

    def test_none(self):
        for number in (1, 2):
            self.rig.unplug(number)
        try:
            self.assert_bad(self.station, {"reader_present": "failed"})
            # It is plugged in, as the system sees, and the service does not show it.
            self.station.touch("sys/bus/usb/devices/1-1/idVendor", "072f\n")
            self.station.touch("sys/bus/usb/devices/1-1/power/control", "on\n")
            self.assert_bad(self.station, {"reader_driver": "failed", "reader_present": "failed"})
        finally:
            for number in (1, 2):
                self.rig.plug(number)

    def test_one_that_comes_and_goes(self):
        agent = Agent(modules=[opensc()], token=False)
        self.addCleanup(agent.close)
        agent.token = RigToken(self.rig)
        agent.start()
        page = agent.page()
        page.call("reader.list")
        steady = lambda: next(c for c in page.call("reader.health")["checks"] if c["id"] == "reader_steady")

        def seen(there):
            """Until the agent has seen it: what is away for too short a time is missed by everybody."""
            end = time.monotonic() + 5
            while (SECOND in [reader["name"] for reader in page.call("reader.list")["readers"]]) != there:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.02)

        for count in range(5):
            self.assertEqual(steady()["status"], "ok", count)
            self.rig.unplug(2)
            seen(False)
            self.rig.plug(2)
            seen(True)
        end = time.monotonic() + 5
        while steady()["status"] == "ok" and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(steady()["status"], "warning")
        self.assertIn(f"{SECOND}: lost 5 times", steady()["measured"])


class Service(CardHealth):
    def test_stopped(self):
        self.rig.stop()
        try:
            self.assert_bad(self.station, {"pcsc_service": "failed"})
            self.assertIn("No such file", self.measured("pcsc_service"))
        finally:
            self.rig.start()
        self.assert_bad(self.station, {})

    def test_killed(self):
        """Its socket is left behind."""
        self.rig.kill()
        try:
            self.assert_bad(self.station, {"pcsc_service": "failed"})
        finally:
            self.rig.start()

    def test_hanging(self):
        self.rig.pcscd.send_signal(signal.SIGSTOP)
        try:
            self.assert_bad(self.station, {"pcsc_speed": "failed"})
        finally:
            self.rig.pcscd.send_signal(signal.SIGCONT)


if __name__ == "__main__":
    unittest.main()
