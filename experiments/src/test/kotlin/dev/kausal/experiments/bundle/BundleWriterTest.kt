package dev.kausal.experiments.bundle

import dev.kausal.bundle.BundleContents
import dev.kausal.bundle.BundleExistsException
import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.BundleNotWritableException
import dev.kausal.bundle.BundleUnreadableException
import dev.kausal.bundle.BundleWriter
import dev.kausal.bundle.NotABundleException
import dev.kausal.experiments.EngineWorkbench
import dev.kausal.experiments.cli.exitCode
import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.ModelShape
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import java.time.LocalDateTime
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

private const val WAITING_RUN = "dev.kausal.experiments.bundle.WaitingRunKt"
private const val HIDE_CURSOR = "\u001b[?25l"
private const val SHOW_CURSOR = "\u001b[?25h"

private fun contents(value: Double? = 0.1) =
    BundleContents(
        spec =
            ExperimentSpec(
                name = "probe",
                script = "probe.kausal.kts",
                model = ModelSpec("tiny", "CausalLm", "llama", ModelShape(1, 1, 1, 4, 4, 8, 10, 16)),
                contrasts = emptyList(),
                analyses = emptyList(),
            ),
        results =
            Results(
                results =
                    listOf(
                        Result(
                            "trace",
                            ResultKind.Sweep,
                            "logit",
                            emptyList(),
                            listOf("a"),
                            listOf(1),
                            listOf(listOf(value)),
                            mean = listOf(value),
                        ),
                    ),
            ),
        environment =
            EnvironmentRecord(
                kausal = "0",
                versions = emptyMap(),
                processor = "any",
                threads = 1,
                dtype = "float32",
                command = emptyList(),
                executor = "exact",
                plan = emptyMap(),
                started = "now",
                seconds = emptyMap(),
            ),
        report = "<!doctype html>",
        scriptName = "probe.kausal.kts",
        script = "1",
    )

class BundleWriterTest :
    FunSpec({
        test("a bundle that is replaced stays until the new one is complete, and files of the user stay for good") {
            val runs = tempdir().toPath()
            val out = runs.resolve("a")
            BundleWriter.open(out, "probe").use { it.write(contents(0.1)) }
            out.resolve("notes.txt").writeText("mine")
            out.resolve("own").createDirectories().resolve("file").writeText("mine too")
            BundleWriter.over(out).use { }
            out.resolve(BundleFiles.RESULTS).readText() shouldContain "0.1"
            BundleWriter.over(out).use {
                out.resolve(BundleFiles.RESULTS).readText() shouldContain "0.1"
                it.write(contents(0.7)) shouldBe out
            }
            out.resolve(BundleFiles.RESULTS).readText() shouldContain "0.7"
            out.resolve("notes.txt").readText() shouldBe "mine"
            out.resolve("own/file").readText() shouldBe "mine too"
            runs.listDirectoryEntries().map { it.name } shouldBe listOf("a")
        }

        test("only a bundle is replaced") {
            val runs = tempdir().toPath()
            val other = runs.resolve("thesis").createDirectories()
            other.resolve("chapter.tex").writeText("long work")
            shouldThrow<NotABundleException> { BundleWriter.over(other) }
            BundleFiles.run { listOf(SPEC, RESULTS, ENVIRONMENT) }.forEach { other.resolve(it).writeText("{}") }
            shouldThrow<BundleUnreadableException> { BundleWriter.over(other) }
            other.resolve("chapter.tex").readText() shouldBe "long work"
            runs.listDirectoryEntries().map { it.name } shouldBe listOf("thesis")
        }

        test("a bundle appears whole under its name, with full precision and null for what was not computed") {
            val runs = tempdir().toPath()
            val out = runs.resolve("a")
            val value = 0.1 + 0.2
            BundleWriter.open(out, "probe").use {
                out.exists() shouldBe false
                it.write(contents(value)) shouldBe out
            }
            out.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder
                listOf("spec.json", "results.json", "environment.json", "report.html", "probe.kausal.kts")
            out.resolve("results.json").readText() shouldContain "\"perExample\":[[0.30000000000000004]]"
            BundleFiles.compact.decodeFromString(Results.serializer(), out.resolve("results.json").readText()) shouldBe
                contents(value).results
            runs.listDirectoryEntries() shouldBe listOf(out)
            BundleWriter.open(runs.resolve("b"), "probe").use { it.write(contents(null)) }
            runs.resolve("b/results.json").readText() shouldContain "\"perExample\":[[null]]"
        }

        test("NaN is refused and leaves nothing behind") {
            val runs = tempdir().toPath()
            shouldThrow<Exception> {
                BundleWriter.open(runs.resolve("a"), "probe").use { it.write(contents(Double.NaN)) }
            }
            runs.listDirectoryEntries().shouldBeEmpty()
        }

        test("an abandoned bundle leaves nothing behind") {
            val runs = tempdir().toPath()
            val writer = BundleWriter.open(runs.resolve("a"), "probe")
            runs.listDirectoryEntries().single().name shouldStartWith "a.partial-"
            writer.close()
            runs.listDirectoryEntries().shouldBeEmpty()
        }

        test("an explicit folder must be new or empty") {
            val runs = tempdir().toPath()
            val full = runs.resolve("full").createDirectories().also { it.resolve("notes.txt").writeText("mine") }
            shouldThrow<BundleExistsException> { BundleWriter.open(full, "probe") }.exitCode() shouldBe 2
            full.resolve("notes.txt").readText() shouldBe "mine"
            val empty = runs.resolve("empty").createDirectories()
            BundleWriter.open(empty, "probe").use { it.write(contents()) } shouldBe empty
        }

        test("without --out the folder is named by experiment and time, and never twice the same") {
            val runs = tempdir().toPath().resolve("runs")
            val now = LocalDateTime.of(2026, 2, 3, 4, 5, 6)
            val names =
                List(2) { BundleWriter.open(null, "fact recall/1", runs, now).use { it.write(contents()) }.name }
            names shouldBe listOf("fact-recall-1-20260203-040506", "fact-recall-1-20260203-040506-2")
        }

        test("a place that cannot be written is found out before the run") {
            val file = tempdir().toPath().resolve("file").also { it.writeText("") }
            shouldThrow<BundleNotWritableException> { BundleWriter.open(file.resolve("a"), "probe") }
                .exitCode() shouldBe 3
        }

        test("Ctrl-C leaves nothing behind, brings the cursor back and exits with 130") {
            val runs = tempdir().toPath()
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val process =
                ProcessBuilder(
                    // A parent in the background of a shell ignores SIGINT, and children inherit that.
                    "env",
                    "--default-signal=INT",
                    java,
                    "-cp",
                    System.getProperty("java.class.path"),
                    WAITING_RUN,
                    "$runs/a",
                ).start()
            process.inputReader().readLine() shouldBe "open"
            runs.listDirectoryEntries().single().name shouldStartWith "a.partial-"
            val said = StringBuilder()
            val errors = process.errorReader()
            while (said.split(HIDE_CURSOR).size <=
                2
            ) {
                said.append(errors.read().also { check(it >= 0) { said } }.toChar())
            }
            ProcessBuilder("kill", "-INT", "${process.pid()}").start().waitFor() shouldBe 0
            process.waitFor(20, TimeUnit.SECONDS) shouldBe true
            process.exitValue() shouldBe 130
            errors.readText() shouldContain SHOW_CURSOR
            runs.listDirectoryEntries().shouldBeEmpty()
        }

        test("what a killed run leaves is removed by the next one in the same place, and a living run's is not") {
            val runs = tempdir().toPath()
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val classes = System.getProperty("java.class.path")
            val process = ProcessBuilder(java, "-cp", classes, WAITING_RUN, "$runs/a").start()
            process.inputReader().readLine() shouldBe "open"
            val left = runs.listDirectoryEntries().single()
            BundleWriter.open(runs.resolve("b"), "probe").use { it.removed.shouldBeEmpty() }
            left.exists() shouldBe true
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS) shouldBe true
            left.exists() shouldBe true
            BundleWriter.open(runs.resolve("b"), "probe").use { it.removed shouldBe listOf(left) }
            runs.listDirectoryEntries().shouldBeEmpty()
        }

        test("a page is replaced whole, or not at all") {
            val folder = BundleWriter.open(tempdir().toPath().resolve("a"), "probe").use { it.write(contents()) }
            BundleFiles.replaceReport(folder, "new").readText() shouldBe "new"
            val names = folder.listDirectoryEntries().map { it.name }
            folder.resolve("report.html").also { it.deleteExisting() }.resolve("in the way").createDirectories()
            shouldThrow<BundleNotWritableException> { BundleFiles.replaceReport(folder, "newer") }
            folder.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder names
        }

        test("the report of a damaged bundle is the user's mistake and names the file") {
            val folder = BundleWriter.open(tempdir().toPath().resolve("a"), "probe").use { it.write(contents()) }
            folder.resolve("results.json").writeText("{\"schema\"")
            val e = shouldThrow<BundleUnreadableException> { EngineWorkbench().report(folder) }
            e.exitCode() shouldBe 2
            e.message shouldContain "$folder/results.json is not a valid results.json: "
        }

        test("a folder without results is no bundle") {
            val folder = tempdir().toPath().also { it.resolve("spec.json").writeText("{}") }
            shouldThrow<NotABundleException> { BundleFiles.check(folder) }.missing shouldBe "results.json"
        }
    })
