package dev.kausal.experiments.script

import dev.kausal.experiments.TypedCommands
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.absolute
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** What `new` writes runs as it stands. */
class StarterTest :
    FunSpec({
        val folder = tempdir().toPath()
        val digits = Path.of("src/main/resources/digits").absolute().normalize()
        val said = StringBuilder()

        fun kausal(vararg words: String): Int {
            val ended = TypedCommands(folder.resolve("cache"), folder).run(words.toList())
            said.clear().append(ended.all)
            return ended.code
        }

        Starter.entries.forEach { starter ->
            val name = starter.name.lowercase()
            test("the $name starter is written once, and runs") {
                val file = folder.resolve("my-$name.kausal.kts")
                kausal("new", "my-$name", "--kind", name) shouldBe 0
                said.toString() shouldContain "script  $file"
                file.readText() shouldContain "experiment(\"my-$name\")"
                kausal("new", "my-$name") shouldBe 2
                said.toString() shouldContain "already exists"

                val few = folder.resolve("few").toFile().apply { mkdirs() }
                digits.resolve("000-0.png").toFile().copyTo(few.resolve("0.png"), overwrite = true)
                val settings = if (starter == Starter.Vision) arrayOf("--set", "pictures=$few") else emptyArray()
                kausal("run", "$file", "--out", "${folder.resolve("out-$name")}", *settings) shouldBe 0
                folder.resolve("out-$name/report.html").readText() shouldContain "my-$name"
            }
        }

        test("a name that is none is refused") {
            listOf("../mine", "a b", "", ".kausal.kts").forEach { kausal("new", it) shouldBe 2 }
        }

        test("the help of a script lists its parameters with type, default and purpose") {
            kausal("run", "fact-recall", "--set", "examples=3", "--help") shouldBe 0
            said.toString() shouldContain
                "Parameters of fact-recall, for --set NAME=VALUE:\n  examples  whole number  default 24"
            said.toString() shouldContain "drawn from 180 facts"
            kausal("run", "no-such-study", "--help") shouldBe 2
        }

        test("mistakes are shown with their line and a mark under what is meant, all at once") {
            val file = folder.resolve("wrong.kausal.kts")
            file.writeText(
                """
                experiment("wrong") {
                    val lm = model<CausalLm>("embedded:facts")
                    val facts = contrasts {
                        contrast(
                            clean = "The [Eiffel Tower] is in", answer = " Paris",
                            corrupted = "The [Colosseum] is in", foil = "Rome and Paris",
                        )
                    }
                    val needed by sweep(facts, logitDifference) { each(listOf(0)) { ablate(lm.blocks[2].attn.z.head(9)) } }
                    report { heatmap(needed) }
                }
                """.trimIndent() + "\n",
            )
            kausal("run", "$file") shouldBe 2
            said.toString() shouldContain "$file has 2 mistakes:"
            said.toString() shouldContain "$file:6:58: the foil must be one token"
            said.toString() shouldContain "$file:9:101: no head 9 in layer 2: this model has 4 heads, 0 to 3\n"
            val mark = said.lines().last { it.isNotBlank() }
            mark shouldBe " ".repeat(4 + 100) + "^"
        }

        test("an unknown word suggests the nearest word of the DSL") {
            val file = folder.resolve("typo.kausal.kts")
            file.writeText("experiment(\"typo\") {\n    val lm = model<CausalLm>(\"any\")\n    ablte(lm.embed)\n}\n")
            kausal("run", "$file") shouldBe 2
            said.toString() shouldContain "$file:3:5: Unresolved reference 'ablte'. Did you mean 'ablate'?"
            DslWords.all shouldNotContain "equals"
        }

        test("IDEs find the script definition by its name") {
            val marker = "META-INF/kotlin/script/templates/${KausalScript::class.qualifiedName}.classname"
            (KausalScript::class.java.classLoader.getResource(marker) != null) shouldBe true
        }
    })
