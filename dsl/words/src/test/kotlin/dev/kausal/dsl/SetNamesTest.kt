package dev.kausal.dsl

import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.host.SetNames
import dev.kausal.spec.ContrastSetSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path

private val QUOTES = "\"".repeat(3)

class SetNamesTest :
    FunSpec({
        fun names(script: String): List<String?> {
            val names = SetNames.of(script)
            return (1..script.lines().size).map { names.at(it) }
        }

        test("a set is named by the variable that it is the value of") {
            names("val facts = contrasts { fromJson(\"a.json\") }") shouldBe listOf("facts")
            names("val facts = contrasts {\n  fromJson(\"a.json\")\n}.filter(knows())\nval n = 3") shouldBe
                listOf("facts", "facts", "facts", null)
            names("val known = facts\n    .sample(3)\n    .filter(knows(rank = 5))") shouldBe
                listOf("known", "known", "known")
            names("val seen = images(vit) { classFolders(\"x\") }") shouldBe listOf("seen")
        }
        test("a set that an analysis makes for itself has no name") {
            names("val a by sweep(facts.filter(knows()), logit) { each(heads) { ablate(it) } }") shouldBe listOf(null)
            names("val all = listOf(contrasts { }, contrasts { })") shouldBe listOf(null)
            names("fun made(n: Int) = contrasts { }") shouldBe listOf(null)
            names("val x = contrasts { }.filter(knows()).toString()") shouldBe listOf(null)
        }
        test("a line with two sets names neither") {
            names("val a = contrasts { }; val b = contrasts { }") shouldBe listOf(null)
            names("val a = contrasts { }; use(prompts { })") shouldBe listOf(null)
        }
        test("comments and texts are none of the script's words") {
            names("// val a = contrasts { }\n/* val b = /* */ contrasts { } */") shouldBe listOf(null, null)
            names("val t = \"val a = contrasts { }\"\nval u = ${QUOTES}val a =\ncontrasts { }$QUOTES") shouldBe
                listOf(null, null, null)
            names("val a = contrasts { contrast(\"} \${ \"}\" + '}' } {\", \" b\") }") shouldBe listOf("a")
        }
        test("a script that is cut short names what it can") {
            names("val a = contrasts { contrast(\"") shouldBe listOf("a")
            names("val") shouldBe listOf(null)
        }

        test("results name sets as the script does; the ids stay") {
            var line = 0

            fun declared(text: String?): List<ContrastSetSpec> =
                inTestFile {
                    ScriptContext.use(ScriptContext(Path.of(""), "s.kausal.kts", text = text)) {
                        script {
                            line = ScriptLines.here()!!.line + 1
                            val all = contrasts { contrast("The [tower] is in", " Paris", foil = " Rome") }
                            val a by sweep(all, logit) { each(heads) { ablate(it) } }
                            val b by sweep(all.filter(knows()), logit) { each(heads) { ablate(it) } }
                            report { bars(a) }
                        }
                    }.bind(facts()).spec.contrasts
                }
            declared(null).map { it.shown } shouldBe listOf("contrasts", "contrasts.filter(knows(rank = 1))")
            val specs = declared("\n".repeat(line - 1) + "val facts = contrasts { }\n")
            specs.map { it.name to it.shown } shouldBe
                listOf("contrasts" to "facts", "contrasts-2" to "facts.filter(knows(rank = 1))")
        }
    })
