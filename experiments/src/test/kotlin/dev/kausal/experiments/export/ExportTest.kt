package dev.kausal.experiments.export

import dev.kausal.bundle.Bundle
import dev.kausal.experiments.Said
import dev.kausal.experiments.TypedCommands
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.writeText

/** Exported numbers are the bundle's, read by pandas and NumPy themselves. */
class ExportTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun kausal(vararg words: String): Said = TypedCommands(folder.resolve("cache")).run(words.toList())

        val script = folder.resolve("probe.kausal.kts").also {
            it.writeText(
                """
                experiment("probe") {
                    val lm = model<CausalLm>("embedded:facts")
                    val facts = contrasts {
                        contrast(
                            clean = "The [Eiffel Tower] is located in the city of", answer = " Paris",
                            corrupted = "The [Colosseum] is located in the city of", foil = " Rome", label = "a, \"b\"",
                        )
                        contrast(
                            clean = "The [Colosseum] is located in the city of", answer = " Rome",
                            corrupted = "The [Eiffel Tower] is located in the city of", foil = " Paris", label = "ü\n2",
                        )
                    }
                    val needed by sweep(facts, recovery(logitDifference)) {
                        each(layers, positions) { l, p -> patch(from = clean, to = corrupted, l).at(p) }
                    }
                    val looks by attention(facts, layers = 0..0)
                    report { heatmap(needed) }
                }
                """.trimIndent(),
            )
        }
        val bundle = folder.resolve("bundle")
        kausal("run", "$script", "--out", "$bundle").run { check(code == 0) { all } }
        val results = Bundle.read(bundle).results.results.associateBy { it.name }

        fun python(code: String): String? {
            val packages = folder.resolve("packages")
            val words = listOf("python3", "-c", "import sys; sys.path.insert(0, '$packages')\n$code")
            val run = ProcessBuilder(words).redirectErrorStream(true).start()
            val said = run.inputStream.bufferedReader().readText()
            check(run.waitFor() == 0) { said }
            return said.trim()
        }

        val hasPandas =
            runCatching { python("import pandas, pyarrow") }.isSuccess || Pip.install(folder.resolve("packages"))
        if (!hasPandas) println("SKIPPED: tests that read exports with pandas, which could not be fetched")

        val csv = folder.resolve("for-parquet").also { kausal("export", "$bundle", "--out", "$it") }

        fun sum(result: Result): Double = result.perExample.flatten().sumOf { it ?: 0.0 }

        test(
            "pandas reads a table of examples in one line, with names of axes as columns",
        ).config(enabled = hasPandas) {
            val out = folder.resolve("tables")
            kausal("export", "$bundle", "--out", "$out").code shouldBe 0
            val needed = results.getValue("needed")
            val said = python(
                """
                import pandas
                t = pandas.read_csv('$out/needed.csv')
                print(list(t.columns), len(t), repr(t['value'].sum()), sorted(t['example'].unique()) == ['a, "b"', 'ü\n2'])
                c = pandas.read_csv('$out/needed.cells.csv')
                print(list(c.columns)[:3], len(c), repr(c['mean'].sum()))
                """.trimIndent(),
            )!!.lines()
            said[0] shouldContain "['example', 'layer', 'position', 'value', 'plain'] ${needed.numbers} "
            said[0].substringAfter("np.float64(").substringBefore(")").toDouble() shouldBe
                (sum(needed) plusOrMinus 1e-9)
            said[0] shouldContain "True"
            said[1] shouldContain "['layer', 'position', 'mean'] ${needed.mean.size} "
            out.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder
                results.keys.flatMap { listOf("$it.csv", "$it.cells.csv") }
        }

        test("NumPy reads arrays and labels").config(enabled = hasPandas) {
            val out = folder.resolve("numbers/arrays.npz")
            kausal("export", "$bundle", "--format", "npz", "--result", "looks", "--out", "$out").code shouldBe 0
            val looks = results.getValue("looks")
            val said = python(
                """
                import numpy
                z = numpy.load('$out')
                print(z['looks'].shape, repr(float(numpy.nansum(z['looks']))), list(z['looks.example']) == ['a, "b"', 'ü\n2'])
                print(sorted(z.files))
                print(list(z['looks.axis.layer']))
                """.trimIndent(),
            )!!.lines()
            said[0] shouldContain (listOf(2) + looks.shape).joinToString(", ", "(", ")")
            said[0].substringAfter(") ").substringBefore(" ").toDouble() shouldBe (sum(looks) plusOrMinus 1e-6)
            said[0] shouldContain "True"
            said[1] shouldContain "'looks.mean'"
            said[2] shouldContain "'0'"
        }

        test("pyarrow and pandas read a Parquet table: labels, numbers and nulls").config(enabled = hasPandas) {
            val out = folder.resolve("parquet")
            kausal("export", "$bundle", "--format", "parquet", "--out", "$out").code shouldBe 0
            val needed = results.getValue("needed")
            val said = python(
                """
                import pandas, pyarrow.parquet as q
                t = q.read_table('$out/needed.parquet')
                print(t.schema.names, t.num_rows, t.schema.field('example').type, t.schema.field('value').nullable)
                labels = {'example': str, 'layer': str, 'position': str}
                p = t.to_pandas()
                how = dict(keep_default_na=False, na_values={'value': ['']}, float_precision='round_trip')
                c = pandas.read_csv('$csv/needed.csv', dtype=labels, **how)
                print(all((p[n] == c[n]).all() for n in ['example', 'layer', 'position', 'value', 'plain']))
                m = pandas.read_parquet('$out/needed.cells.parquet')
                print(repr(float(m['mean'].sum())), int(m['pValue'].isna().sum()) if 'pValue' in m else 0)
                print(q.read_table('$out/looks.parquet').column('value').null_count)
                """.trimIndent(),
            )!!.lines()
            said[0] shouldBe "['example', 'layer', 'position', 'value', 'plain'] ${needed.numbers} string True"
            said[1] shouldBe "True"
            said[2].substringBefore(" ").toDouble() shouldBe (needed.mean.sumOf { it ?: 0.0 } plusOrMinus 1e-9)
            said[3] shouldBe "${results.getValue("looks").perExample.flatten().count { it == null }}"
        }

        test("each row of a table is a number of the bundle") {
            val out = folder.resolve("rows")
            kausal("export", "$bundle", "--result", "looks", "--out", "$out").code shouldBe 0
            val looks = results.getValue("looks")
            val rows = out.resolve("looks.csv").readLines()
            rows.first() shouldBe "example,layer,head,query,key,value"
            val expected = looks.perExample.first().first { it != null && it > 0 }
            rows[1] shouldContain "$expected"
        }

        test("an unknown result, a file that exists, and a folder that is no bundle are refused") {
            kausal("export", "$bundle", "--result", "neded").run {
                code shouldBe 2
                err shouldContain "has no result 'neded'. Did you mean 'needed'?"
            }
            val out = folder.resolve("taken").createDirectories()
            out.resolve("needed.csv").writeText("mine")
            kausal("export", "$bundle", "--out", "$out").run {
                code shouldBe 2
                err shouldContain "an export never overwrites files"
            }
            out.resolve("needed.csv").readLines() shouldBe listOf("mine")
            kausal("export", "$folder").code shouldBe 2
        }
    })

/** Python packages for tests. */
private object Pip {
    /** Installs pandas into [folder]; returns whether that worked, as it must where there is a network. */
    fun install(folder: Path): Boolean {
        val words =
            listOf("python3", "-m", "pip", "install", "-q", "--target", "$folder", "pandas==2.3.3", "pyarrow==21.0.0")
        val log = folder.resolveSibling("pip.log").toFile()
        val run = runCatching {
            ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log).start()
        }.getOrNull()
        val isThere = run?.waitFor() == 0
        check(isThere || System.getenv("CI") != "true") { "CI must have a network: ${log.readText()}" }
        return isThere
    }
}
