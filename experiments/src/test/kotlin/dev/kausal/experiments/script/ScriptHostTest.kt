package dev.kausal.experiments.script

import dev.kausal.engine.errors.KausalException
import dev.kausal.experiments.OwnJars
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** What scripts of the tests throw on purpose. */
public class Refused(
    message: String,
) : KausalException(Blame.USER, message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

class ScriptHostTest :
    FunSpec({
        val cache = tempdir().toPath()
        val warnings = mutableListOf<String>()
        val host = ScriptHost(cache, warnings::add)

        fun script(text: String, name: String = "probe.kausal.kts") = ScriptSource(name, Path.of("."), text)

        fun jars() = cache.listDirectoryEntries("*.jar")

        test("the last expression is the script's value") {
            host.evaluate(script("val a = 20\na * 2 + 2")) { it is Int } shouldBe 42
        }

        test("a compiled script is kept under a key of its text and name, and nothing partial beside it") {
            val before = jars().size
            host.evaluate(script("\"kept\"")) { true }
            jars() shouldHaveSize before + 1
            host.evaluate(script("\"kept\"")) { true } shouldBe "kept"
            jars() shouldHaveSize before + 1
            host.evaluate(script("\"kept\"", "other.kausal.kts")) { true }
            jars() shouldHaveSize before + 2
            cache.listDirectoryEntries("*.partial").shouldBeEmpty()
        }

        test("a cached script is not compiled again, so it does not repeat its warning") {
            val noisy = script("val n: Int = 3\nn!!.toString()", "noisy.kausal.kts")
            warnings.clear()
            host.evaluate(noisy) { true } shouldBe "3"
            warnings.single() shouldStartWith "noisy.kausal.kts:2:"
            host.evaluate(noisy) { true } shouldBe "3"
            warnings shouldHaveSize 1
        }

        test("a damaged jar is compiled again, wherever it is damaged, and a line says so") {
            val source = script("\"mended\"", "mended.kausal.kts")
            val others = jars().toSet()
            host.evaluate(source) { true }
            val jar = (jars() - others).single()
            val whole = jar.readBytes()
            val flipped = whole.copyOf().also { it[it.size / 2] = (it[it.size / 2] + 1).toByte() }
            val shorter = listOf(0.3, 0.5, 0.9, 0.99).map { whole.copyOf((whole.size * it).toInt()) }
            for (damaged in shorter + listOf(flipped, "not a jar".encodeToByteArray(), ByteArray(0))) {
                // As a new file: this process still has the old one open, and Java keeps what it read of it.
                (jars() - others).forEach {
                    it.deleteExisting()
                    it.writeBytes(damaged)
                }
                warnings.clear()
                host.evaluate(source) { true } shouldBe "mended"
                warnings.single() shouldContain "compiled script in the cache is damaged"
                warnings.clear()
                host.evaluate(source) { true } shouldBe "mended"
                warnings.shouldBeEmpty()
            }
        }

        test("the key changes with Kausal's own jars") {
            val folder = tempdir().toPath()
            val jar = folder.resolve("words-1.jar").also { it.writeText("one") }
            val other = folder.resolve("other-1.jar").also { it.writeText("one") }
            val classPath = "$jar:$other"
            val before = OwnJars.surroundingsOf(classPath)
            other.writeText("changed")
            OwnJars.surroundingsOf(classPath) shouldBe before
            jar.writeText("changed")
            OwnJars.surroundingsOf(classPath) shouldNotBe before
        }

        test("all compile errors come at once, with place, line and caret") {
            val source = script("val a: Int = \"one\"\nval ok = 1\nnowhere(ok)\n", "broken.kausal.kts")
            val e = shouldThrow<ScriptCompileException> { host.evaluate(source) { true } }
            e.errors.map { it.line } shouldBe listOf(1, 3)
            e.blame().exitCode() shouldBe 2
            e.message shouldContain "broken.kausal.kts does not compile: 2 errors"
            e.message shouldContain "broken.kausal.kts:3:1: "
            e.message shouldContain "    nowhere(ok)\n    ^^^^^^^"
        }

        context("what makes no sense to the field does not compile") {
            val dsl = ScriptHost(cache)

            fun complaint(line: String): ScriptCompileException {
                val text = "experiment(\"probe\") {\n    val lm = model<CausalLm>(\"any\")\n    $line\n}\n"
                return shouldThrow<ScriptCompileException> { dsl.evaluate(script(text)) { true } }
            }

            test("a head of what is summed over heads") {
                val e = complaint("ablate(lm.blocks[0].attnOut.head(3))")
                e.errors.single().line shouldBe 3
                e.message shouldContain "probe.kausal.kts:3:33: Unresolved reference 'head'."
                e.message shouldContain "attnOut.head(3))\n    ${" ".repeat(32)}^^^^"
                e.message shouldContain
                    "attnOut is summed over heads, so it has none; attn.q, k, v, z, result, scores and pattern have"
                e.message shouldNotContain "Did you mean"
            }

            test("a head of neurons, and a neuron of heads") {
                complaint("ablate(lm.blocks[0].mlp.post.head(3))").message shouldContain "post has no heads; attn.q"
                complaint("ablate(lm.blocks[0].attn.z.neuron(3))").message shouldContain "z has no neurons; mlp.pre"
            }

            test("a word is not taken for a type that looks like it") {
                complaint("println(listOf(1).mask().rollou)").message shouldNotContain "'Rollou"
                complaint("val x = hed(3)").message shouldNotContain "'Head'"
            }

            test("an ablated metric") {
                val e = complaint("ablate(logitDifference)")
                e.errors.map { it.line }.distinct() shouldBe listOf(3)
                e.message shouldContain "probe.kausal.kts:3:"
                e.message shouldContain "'PlainMetric', but 'Site' was expected"
            }
        }

        test("a failure of Kausal's own passes through unwrapped") {
            val e =
                shouldThrow<Refused> {
                    host.evaluate(script("throw dev.kausal.experiments.script.Refused(\"no head 12\")")) { true }
                }
            e.message shouldBe "no head 12"
        }

        test("any other exception names the script's line") {
            val source = script("val xs = listOf(1)\nfun third() =\n    xs[2]\nthird()", "thrower.kausal.kts")
            val e = shouldThrow<ScriptFailedException> { host.evaluate(source) { true } }
            e.line shouldBe 3
            e.message shouldStartWith "thrower.kausal.kts:3: the script failed with "
            e.message shouldContain "IndexOutOfBoundsException"
            e.message shouldContain "    xs[2]"
        }

        test("a script must end with an experiment") {
            shouldThrow<NoExperimentException> { host.evaluate(script("val unused = 1")) { true } }
                .message shouldContain "but it is nothing"
            shouldThrow<NoExperimentException> { host.evaluate(script("7.5")) { it is Int } }
                .message shouldContain "kotlin.Double"
        }

        test("the body runs inside what the caller puts around it") {
            val steps = mutableListOf<String>()
            host.evaluate(
                script("\"inside\""),
                around = { body ->
                    steps += "before"
                    body().also { steps += it.toString() }
                },
            ) { true }
            steps shouldBe listOf("before", "inside")
        }

        test("a tab before an error keeps the caret in its column") {
            val e =
                shouldThrow<ScriptCompileException> {
                    host.evaluate(script("if (true) {\n\tnowhere()\n}\n1")) { true }
                }
            e.message shouldContain "    \tnowhere()\n    \t^^^^^^^"
        }
    })
