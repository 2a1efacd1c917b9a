package dev.kausal.experiments.cli

import ai.djl.engine.EngineException
import dev.kausal.engine.errors.KausalException
import dev.kausal.experiments.FakeWorkbench
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.verify.Verification
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

private class DiskGone : KausalException(Blame.MACHINE, "the disk is gone") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

class CommandLineTest :
    FunSpec({
        val folder = tempdir().toPath()
        val cache = tempdir().toPath()
        val script = folder.resolve("probe.kausal.kts").also { it.writeText("\"probe\"\n") }.toString()
        val bundle = folder.resolve("bundle").createDirectories()
        listOf("spec.json", "results.json", "environment.json").forEach { bundle.resolve(it).writeText("{}") }
        val out = StringBuilder()
        val err = StringBuilder()

        fun kausal(vararg words: String, workbench: FakeWorkbench = FakeWorkbench()): Int {
            out.clear()
            err.clear()
            val session = Session(workbench, Console(out, err), cache, words.toList(), onTerminal = false)
            return CommandLine(session).run(words.toList())
        }

        test("run: results on standard output, progress as lines on the error stream") {
            val workbench = FakeWorkbench()
            kausal("run", script, workbench = workbench) shouldBe 0
            out.toString() shouldBe "bundle  runs/fake\nreport  runs/fake/report.html\n"
            err.lines()[0] shouldBe "pulled tiny"
            err.lines()[1] shouldBe "sweep trace: 3 cells"
            err.lines()[2] shouldContain Regex("sweep trace: done in [0-9.]+ s, 1 skipped")
            workbench.script?.declaration shouldBe "probe"
        }

        test("help is an option and a command, of all commands or of one") {
            kausal("--help") shouldBe 0
            val all = out.toString()
            kausal("help") shouldBe 0
            out.toString() shouldBe all
            kausal("help", "run") shouldBe 0
            out.toString() shouldContain "--threads"
        }

        test("a word that is no command: what was meant") {
            kausal("runn", "x") shouldBe 2
            err.toString() shouldContain "There is no command 'runn'. Did you mean 'kausal run'? Commands: run, new,"
            kausal("fact-recall") shouldBe 2
            err.toString() shouldContain "Did you mean 'kausal run fact-recall'?"
            kausal("mine.kausal.kts") shouldBe 2
            err.toString() shouldContain "Did you mean 'kausal run mine.kausal.kts'?"
            kausal("help", "xyzzy") shouldBe 2
            err.toString() shouldContain "There is no command 'xyzzy'. Commands: run"
            out.toString().shouldBeEmpty()
        }

        test("run: more than four threads per processor are refused") {
            kausal("run", script, "--threads", "100000") shouldBe 2
            err.toString() shouldContain "100000 is not in the valid range of 1 to"
        }

        test("run: options arrive as typed values") {
            val workbench = FakeWorkbench()
            val target = folder.resolve("new")
            val words =
                "run $script --model tiny --out $target --set a=1 --set b=x=y --threads 3 --memory 512m --exact"
                    .split(' ')
            kausal(*words.toTypedArray(), workbench = workbench) shouldBe 0
            val parameters = mapOf("a" to "1", "b" to "x=y")
            workbench.options shouldBe RunOptions("tiny", target, parameters, 3, 512L shl 20, true, words)
            workbench.parameters shouldBe parameters
        }

        test("explain, models, pull and report") {
            kausal("explain", script, "--model", "tiny") shouldBe 0
            out.toString() shouldBe "plan of probe\n"
            kausal("models") shouldBe 0
            out.lines()[0] shouldBe "tiny             here      a toy"
            val workbench = FakeWorkbench()
            kausal("pull", "tiny", workbench = workbench) shouldBe 0
            workbench.pulled shouldBe "tiny"
            kausal("report", bundle.toString()) shouldBe 0
            out.toString() shouldBe "report  $bundle/report.html\n"
        }

        test("paths may have an equals sign, whatever they begin with") {
            val odd = folder.resolve("a=1").resolve("bundle").createDirectories()
            listOf("spec.json", "results.json", "environment.json").forEach { odd.resolve(it).writeText("{}") }
            val own = odd.resolve("probe.kausal.kts").also { it.writeText("\"probe\"\n") }
            for (words in listOf(listOf("report", "$odd"), listOf("verify", "$odd"), listOf("explain", "$own"))) {
                kausal(*words.toTypedArray()) shouldBe 0
            }
            val workbench = FakeWorkbench()
            kausal("run", "$own", "--out", "$odd/b=2", "--set", "c=/d=3", workbench = workbench) shouldBe 0
            workbench.options?.out shouldBe odd.resolve("b=2")
            workbench.parameters shouldBe mapOf("c" to "/d=3")
            for (word in listOf("/x=1/b", "./x=1", "../x=1", "~x=1", "_x=1")) {
                kausal("report", word) shouldBe 2
                err.toString() shouldContain word
                err.toString() shouldNotContain "option"
            }
            kausal("report", "$odd", "/more=1", "--typo=1") shouldBe 2
            err.toString() shouldContain "no such option --typo"
        }

        test("verify ends with 0 where everything holds, and with 1 and the differences where not") {
            val workbench = FakeWorkbench()
            kausal("verify", "$bundle", workbench = workbench) shouldBe 0
            out.toString() shouldContain "verified  3 numbers; no two differ"
            workbench.verification = Verification(listOf("results.json was changed"), 0, 0.0)
            kausal("verify", "$bundle", workbench = workbench) shouldBe 1
            err.toString() shouldContain "$bundle does not hold:\n  results.json was changed"
            kausal("verify", "${folder.resolve("nothing")}") shouldBe 2
        }

        test("report of several bundles is a comparison") {
            val workbench = FakeWorkbench()
            kausal("report", "$bundle", "$bundle", "--out", "both.html", workbench = workbench) shouldBe 0
            workbench.compared shouldBe listOf(bundle, bundle)
            out.toString() shouldBe "report  both.html\n"
        }

        test("help and version are results") {
            kausal("--help") shouldBe 0
            out.toString() shouldContain "explain"
            out.toString() shouldContain "certify"
            kausal("run", "--help") shouldBe 0
            out.toString() shouldContain "--memory"
            out.toString() shouldNotContain "Parameters"
            kausal("run", "--model", "tiny", script, "-h") shouldBe 0
            out.toString() shouldContain
                "  examples  whole number   default 24    drawn from all facts\n  loud      true or false  default true\n"
            err.toString().shouldBeEmpty()
        }

        listOf(
            "no command" to emptyList<String>(),
            "an unknown command" to listOf("walk"),
            "an unknown option" to listOf("run", script, "--fast"),
            "no script" to listOf("run"),
            "no threads" to listOf("run", script, "--threads", "0"),
            "threads that are no number" to listOf("run", script, "--threads", "two"),
            "a size without a unit" to listOf("run", script, "--memory", "8"),
            "a parameter without a value" to listOf("run", script, "--set", "a"),
            "a parameter without a name" to listOf("run", script, "--set", "=1"),
            "a parameter set twice" to listOf("run", script, "--set", "a=1", "--set", "a=2"),
            "an unknown study" to listOf("run", "fact-recal"),
            "a script that is not there" to listOf("run", "./nowhere.kausal.kts"),
            "a folder as a script" to listOf("run", folder.toString()),
            "a full folder as --out" to listOf("run", script, "--out", bundle.toString()),
            "certify without a model" to listOf("certify"),
            "certify with one model and a folder" to listOf("certify", "tiny", "--all", folder.toString()),
            "certify with a table of one model" to listOf("certify", "tiny", "--table", script),
            "certify with a reference that is not there" to listOf("certify", "tiny", "--reference", "nowhere"),
            "certify with a bound below nothing" to listOf("certify", "tiny", "--points", "-1"),
            "certify with a folder of nothing" to listOf("certify", "--all", bundle.toString()),
            "report without bundles" to listOf("report"),
            "report of no bundle" to listOf("report", folder.toString()),
        ).forEach { (mistake, words) ->
            test("$mistake exits with 2 and says so on the error stream") {
                kausal(*words.toTypedArray()) shouldBe 2
                out.toString().shouldBeEmpty()
                (err.isNotBlank()) shouldBe true
                err.toString() shouldNotContain "\tat "
            }
        }

        test("the machine's failures exit with 3") {
            kausal("run", script, workbench = FakeWorkbench(DiskGone())) shouldBe 3
            err.toString() shouldBe "the disk is gone\n"
            kausal("run", script, workbench = FakeWorkbench(IOException("No space left on device"))) shouldBe 3
            err.toString() shouldContain "No space left on device"
            kausal("run", script, workbench = FakeWorkbench(OutOfMemoryError("Java heap space"))) shouldBe 3
            err.toString() shouldContain "Out of memory (Java heap space)"
        }

        test("of the native engine's failures, those of disk, loader and memory are the machine's") {
            listOf(
                EngineException("Failed to extract", IOException("No space left on device")) to 3,
                EngineException("Failed to load", UnsatisfiedLinkError("libgomp.so.1")) to 3,
                EngineException("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes") to 3,
                EngineException("The size of tensor a (3) must match the size of tensor b (4)") to 70,
            ).forEach { (failure, code) ->
                kausal("run", script, workbench = FakeWorkbench(failure)) shouldBe code
                err.toString() shouldContain (failure.cause ?: failure).message!!
            }
        }

        test("a bug exits with 70 and shows its trace") {
            kausal("run", script, workbench = FakeWorkbench(IllegalStateException("impossible"))) shouldBe 70
            err.toString() shouldContain "This is a bug in Kausal"
            err.toString() shouldContain "IllegalStateException: impossible"
            err.toString() shouldContain "\tat "
        }

        test("an unknown study suggests the nearest") {
            kausal("run", "fact-recal")
            err.toString() shouldContain "Did you mean 'fact-recall'?"
        }

        test("memory sizes") {
            MemorySize.parse("8g") shouldBe (8L shl 30)
            MemorySize.parse("512M") shouldBe (512L shl 20)
            MemorySize.parse("2gb") shouldBe (2L shl 30)
            listOf("8", "g", "0g", "-1g", "1.5g", "99999999999999t", "").forEach { MemorySize.parse(it) shouldBe null }
        }
    })
