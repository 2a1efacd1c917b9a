package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.tensor.Torch
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.random.Random

/** Compiled models compute what the interpreter of their programs does, variable by variable. */
class CompilerTest :
    FunSpec({
        val folder = tempdir().toPath()

        for (program in Programs.all) {
            test("${program.name}: every answer, and every variable in every row, is the interpreter's") {
                Torch.inference()
                val compiler = Compiler(program).also { it.compile() }
                CompiledModel(program, folder).use { compiled ->
                    for (texts in program.inputs().flatMap { it.usable(program).chunked(200) }) {
                        texts.zip(compiled.run(texts)) { text, (logits, stream) ->
                            val expected = program.run(text)
                            withClue(text.joinToString(" ")) {
                                compiled.answer(logits) shouldBe program.answer(text)
                                expected.forEach { (variable, rows) ->
                                    rows.indices.forEach { same(compiler.read(variable, stream[it]), rows[it]) }
                                }
                            }
                        }
                    }
                }
            }

            test("${program.name}: patching an edge changes the answer if the program says so, and nothing otherwise") {
                CompiledModel(program, folder.resolve("edges")).use { compiled ->
                    val known = KnownCircuit(program)
                    val labels = compiled.graph.labels()
                    var decided = 0
                    for ((clean, corrupted) in pairs(program, 12)) {
                        val deciding = known.deciding(clean, corrupted)
                        (deciding - known.carrying).shouldBeEmpty()
                        (known.edges - labels.toSet()).shouldBeEmpty()
                        val effects = compiled.exact(compiled.pair(clean, corrupted))
                        val changed = labels.indices.filter { abs(effects[it]) > LOGIT / 2 }.map { labels[it] }
                        withClue("$clean, corrupted $corrupted") {
                            changed.toSet() shouldBe deciding
                            val others = labels.indices.filter { labels[it] !in deciding }
                            others.maxOf { abs(effects[it]) } shouldBeLessThan LOGIT / 20
                        }
                        decided += deciding.size
                    }
                    decided shouldBeGreaterThan 12
                }
            }
        }

        test("answers by hand") {
            fun Program.say(text: String) = answer(text.split(" "))

            fun Program.says(vararg texts: String) = texts.map { say(it) }
            Programs.reverse.says("a b >", "a b > b", "a b > b a", "c d a >") shouldBe listOf("b", "a", ".", "a")
            Programs.hist.says("a", "a b a", "a b b b", "c b a") shouldBe listOf("1", "2", "3", "1")
            Programs.fracPrevs.says("x", "a", "x a x", "a x a a x") shouldBe listOf("1", "0", "2/3", "2/5")
            Programs.pairBalance.says("( )", "( a", ") ( )", "a") shouldBe listOf("even", "opened", "closed", "even")
            Programs.and.says("a b", "c a", "b", "c") shouldBe listOf("yes", "no", "no", "no")
            Programs.or.says("a b", "c a", "b", "c") shouldBe listOf("yes", "yes", "yes", "no")
            Programs.inhibit.says("a b", "a ! b", "b c a") shouldBe listOf("a", "stop", "c")
        }

        test("the circuit of reverse by hand: its parts, its edges, and those that only bring positions") {
            val known = KnownCircuit(Programs.reverse)
            known.roles.keys shouldBe setOf("embed", "L0H0", "L0 mlp", "L1H0")
            val moving = setOf("embed -> L1.v0", "L1H0 -> logits")
            val finding = setOf("embed -> L0.k0", "L0H0 -> L0 mlp", "L0 mlp -> L1.q0")
            known.carrying shouldBe moving + finding
            known.edges shouldBe
                known.carrying + setOf("embed -> L0.q0", "embed -> L0.v0", "embed -> L0 mlp", "embed -> L1.k0")
            known.deciding("a b c >".split(" "), "a b d >".split(" ")) shouldBe moving
        }
    })

private const val LOGIT = 10.0

private fun same(
    found: Any,
    expected: Any,
) {
    if (expected is Double) abs(found as Double - expected) shouldBeLessThan 1e-3 else found shouldBe expected
}

/** The texts on which every variable of the program has a value. */
private fun List<List<String>>.usable(program: Program) = filter { program.fits(it) }

private fun Program.fits(
    text: List<String>,
): Boolean =
    try {
        run(text)
        true
    } catch (_: AmbiguousAggregate) {
        false
    }

/** Returns pairs of texts of one length with different answers, whose edges bring values that programs compute with. */
internal fun pairs(
    program: Program,
    count: Int,
): List<Pair<List<String>, List<String>>> {
    val random = Random(7)
    val groups = program.inputs().filter { it.first().size > 1 }
    val known = KnownCircuit(program)
    return generateSequence {
        val group = groups.random(random)
        group.random(random) to group.random(random)
    }.filter { (clean, corrupted) ->
        program.fits(clean) &&
            program.fits(corrupted) &&
            program.answer(clean) != program.answer(corrupted) &&
            try {
                known.deciding(clean, corrupted)
                true
            } catch (_: AmbiguousAggregate) {
                false
            }
    }.take(count).toList()
}
