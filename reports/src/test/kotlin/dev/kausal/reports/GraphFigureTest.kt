package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.EdgeData
import dev.kausal.reports.figure.Photos
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.figuresOf
import dev.kausal.reports.svg.Palette
import dev.kausal.spec.BackwardRules
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.Writes
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import org.jsoup.Jsoup
import org.jsoup.nodes.Element
import kotlin.math.abs

/** Circuits and edges as graphs: which edges, which components, and where they are. */
class GraphFigureTest :
    FunSpec({
        fun figures(bundle: Bundle = GraphFixtures.bundle()): List<Element> =
            Jsoup.parse(ReportPage.render(bundle)).select("article figure")

        fun shown(figure: Element): Element = figure.select("svg.graph:not([display])").single()

        fun data(
            bundle: Bundle,
            figure: Int = 0,
        ): List<EdgeData> = figuresOf(bundle, Photos.NONE)[figure].data()!!.edges!!

        /** Names of the edges of a drawing, in their order. */
        fun names(
            graph: Element,
            bundle: Bundle = GraphFixtures.bundle(),
            figure: Int = 0,
        ): List<String> = graph.select("[data-e]").map { data(bundle, figure)[it.attr("data-e").toInt() - 1].name }

        test("a circuit shows as many edges as are faithful enough, in the order in which circuits keep them") {
            val graph = shown(figures()[0])
            graph.attr("data-most") shouldBe "4"
            names(graph) shouldBe GraphFixtures.effects.keys.take(4)
            val none = GraphFixtures.bundle(faithfulness = listOf(0.1, 0.2, 0.3))
            shown(figures(none)[0]).attr("data-most") shouldBe "6"
        }

        test("edges without an effect beyond rounding are left out, unless circuits of the first size keep them") {
            val zeros = (0 until 20).associate { "embed -> L${it + 3}.q0" to (if (it == 7) -3e-8 else 0.0) }
            val bundle = GraphFixtures.bundle(GraphFixtures.effects + zeros)
            data(bundle).map { it.name } shouldBe GraphFixtures.effects.keys.toList()
            val reading = figures(bundle)[0].select("figcaption").text()
            reading shouldContain "Edges without an effect beyond rounding are left out."
            figures()[0].select("figcaption").text() shouldNotContain "beyond rounding"
            val kept = GraphFixtures.bundle(
                GraphFixtures.effects + zeros,
                sizes = listOf(1, 4, 8),
                faithfulness = listOf(0.0, 0.1, 1.0),
            )
            data(kept) shouldHaveSize 8
        }

        test("names of edges in sentences do not break") {
            val strong = figures()[1].select("figcaption strong").single()
            strong.select("span.unbroken").map { it.text() } shouldContain "L2H0 -> logits"
            strong.text() shouldContain "L2H0 -> logits \u2212"
        }

        test("edges have their effects as colour, width and numbers") {
            val graph = figures()[0].select("svg.graph").last()!!
            val first = graph.select("[data-e=1]").single()
            data(GraphFixtures.bundle()).first() shouldBe
                EdgeData("L2H0 -> logits", "L2H0", "logits", -4.0, -4.1, -3.9)
            first.child(0).attr("stroke") shouldBe Palette.BELOW
            first.child(0).attr("stroke-width") shouldBe "6"
            val raising = graph.select("[data-e=5]").single()
            data(GraphFixtures.bundle())[4].low shouldBe null
            raising.child(0).attr("stroke") shouldBe Palette.ABOVE
            raising.child(0).attr("stroke-width") shouldBe "2.3"
        }

        test("keys and values that heads share are a component, with links to the heads that are shown") {
            val graph = figures()[0].select("svg.graph").last()!!
            val into = data(GraphFixtures.bundle()).associate { it.name to it.to }
            into.getValue("L0H1 -> L1.v0") shouldBe "L1 kv0"
            into.getValue("embed -> L1.k1") shouldBe "L1 kv1"
            into.getValue("L1H2 -> L2.q0") shouldBe "L2H0"
            graph.select(".link").map { it.attr("data-from") to it.attr("data-to") } shouldContainExactlyInAnyOrder
                listOf("L1 kv0" to "L1H2", "L1 kv1" to "L1H3")
        }

        test("every edge goes upwards, and no two of many components overlap") {
            for (effects in listOf(GraphFixtures.effects, GraphFixtures.many(100))) {
                val bundle = GraphFixtures.bundle(effects, sizes = listOf(1), faithfulness = listOf(1.0))
                val graph = figures(bundle)[0].select("svg.graph").last()!!
                val places = graph.select("[data-n]").associate { it.attr("data-n") to place(it) }
                graph.select("[data-e]").size shouldBe effects.size
                for (edge in data(bundle)) {
                    val (from, to) = listOf(edge.from, edge.to).map { places.getValue(it).second }
                    withClue(edge) { to shouldBeLessThan from }
                }
                val all = places.values.toList()
                all.indices.flatMap { i -> (0 until i).map { all[i] to all[it] } }
                    .filter { (a, b) -> overlap(a, b) }.shouldBeEmpty()
            }
        }

        test("of thousands of edges, the first are drawn and listed, and the page says how many there are") {
            val effects = GraphFixtures.many(300)
            val (sizes, faithfulness) = listOf(1, 40, 300) to listOf(0.0, 0.9, 1.0)
            val bundle = GraphFixtures.bundle(effects, sizes = sizes, faithfulness = faithfulness, total = 70_651)
            val (circuit, edges) = figures(bundle)
            circuit.select("svg.graph").map { it.attr("data-most") } shouldBe listOf("10", "30", "40", "100")
            circuit.select("table.cells tbody tr") shouldHaveSize 100
            circuit.select("figcaption").text() shouldContain "Shown: 40 of 70,651 edges"
            edges.select("figcaption").text() shouldContain "Shown: 25 of 70,651 edges, those with the largest effects."
            val largest = effects.entries.sortedByDescending { abs(it.value) }.take(25).map { it.key }
            names(shown(edges), bundle, 1) shouldBe largest
        }

        test("the order of two halves is by the sum of both ranks") {
            val names = GraphFixtures.effects.keys.toList()
            val halves = listOf(names, listOf(names[1], names[2], names[0]))
            val bundle = GraphFixtures.bundle(ranked = halves)
            val graph = figures(bundle)[0].select("svg.graph").last()!!
            names(graph, bundle).take(3) shouldBe listOf(names[1], names[0], names[2])
        }

        test("sizes without a sign have one colour") {
            val bundle = GraphFixtures.bundle()
            val dropped = EstimateSpec.Gradient(BackwardRules(writes = Writes.Dropped))
            val results = bundle.results.results.map { if (it.name == "edges") it.copy(estimate = dropped) else it }
            for (figure in figures(bundle.copy(results = bundle.results.copy(results = results)))) {
                figure.select("svg.legend text").text() shouldBe "size of its effect, without a sign"
                val colours = shown(figure).select("[data-e] path").map { it.attr("stroke") }
                colours.distinct() shouldBe listOf(Palette.OTHER)
            }
        }

        test("the same page twice is the same text") {
            val bundle = GraphFixtures.bundle(GraphFixtures.many(60))
            ReportPage.render(bundle) shouldBe ReportPage.render(bundle)
        }

        test("an edge of a circuit whose ranking is not on the page has no effect, and is drawn") {
            val bundle = GraphFixtures.bundle()
            val alone = bundle.copy(results = bundle.results.copy(results = bundle.results.results.drop(1)))
            val graph = shown(figures(alone)[0])
            graph.select("[data-e]").map { it.child(0).attr("stroke") }.distinct() shouldBe listOf(Palette.OTHER)
            graph.select("[data-n]").map { it.attr("data-n") } shouldContain "logits"
        }
    })

private fun place(node: Element): Pair<Double, Double> {
    val (x, y) = Regex("translate\\(([-\\d.]+) ([-\\d.]+)\\)").matchEntire(node.attr("transform"))!!.destructured
    return x.toDouble() to y.toDouble()
}

/** Whether two components, 58 pixels wide and 22 high, overlap. */
private fun overlap(
    a: Pair<Double, Double>,
    b: Pair<Double, Double>,
): Boolean = abs(a.first - b.first) < 58 && abs(a.second - b.second) < 22
