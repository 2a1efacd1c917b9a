package dev.kausal.reports

import dev.kausal.reports.figure.draw
import dev.kausal.reports.figure.figureData
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.findings
import dev.kausal.reports.stories.methodOf
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.TokenSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** What a page says of tokens that a logit lens follows, and of sets of answers. */
class LensTokensTest :
    FunSpec({
        val tokens = listOf(TokenSpec(" Paris", 5), TokenSpec(" <Rome>", 7))
        val lens = LogitLensSpec("lens", "landmarks", 33, 3, tokens = tokens)
        val spec = Fixtures.spec(1, Fixtures.tokens).copy(analyses = listOf(lens))

        fun grid(
            part: String,
            metric: String,
            mean: List<Double?>,
        ): ResultGrid {
            val axes =
                listOf(
                    AxisSpec("token", tokens.map { it.text }),
                    AxisSpec("layer", listOf("0", "1")),
                    AxisSpec("position", listOf("a", "b")),
                )
            val shape = axes.map { it.labels.size }
            return ResultGrid(
                Result("lens$part", ResultKind.LensTokens, metric, axes, listOf("e"), shape, listOf(mean), mean = mean),
                spec,
            )
        }
        val ranks = grid(".ranks", "rank of the token", listOf(9.0, 8.0, 7.0, 1.0, 50.0, 3.0, 60.0, null))

        test("the best rank is the smallest, the best probability the largest") {
            findings(ranks) shouldBe
                listOf(
                    "“Paris”: best rank of the token 1.000, at layer 1, position 1 (b).",
                    "“<Rome>”: best rank of the token 3.000, at layer 0, position 1 (b).",
                )
            findings(grid(".probabilities", "probability of the token", List(8) { it / 10.0 })) shouldBe
                listOf(
                    "“Paris”: largest probability of the token 0.300, at layer 1, position 1 (b).",
                    "“<Rome>”: largest probability of the token 0.700, at layer 1, position 1 (b).",
                )
        }
        test("a heat map for each token, on one scale") {
            val html = draw(FigureKind.Heatmap, ranks, "f1", "Ranks.").html
            html.split("class=\"plot\"").size - 1 shouldBe 2
            html shouldContain "Token: “&lt;Rome&gt;”"
            Regex("Colours: [^\"]* to 60\\.\\d*,").findAll(html).count() shouldBe 2
            figureData(1, FigureKind.Heatmap, ranks).view shouldBe "still"
        }
        test("the method names the tokens") {
            methodOf(lens) shouldContain
                "It also gives logit, probability and rank (1 is the likeliest) of “Paris” (token 5) and " +
                "“<Rome>” (token 7)."
            methodOf(lens.copy(tokens = emptyList())) shouldNotContain "It also gives"
        }
        test("the page states the convention for sets of answers where there are any") {
            val bundle = Fixtures.bundle(2)
            ReportPage.render(bundle) shouldNotContain "logits are averaged"
            val sets =
                bundle.spec.contrasts.map { set ->
                    set.copy(contrasts = set.contrasts.map { it.copy(moreAnswers = tokens.takeLast(1)) })
                }
            val page = ReportPage.render(bundle.copy(spec = bundle.spec.copy(contrasts = sets)))
            page shouldContain "Of several answers or foils, logits are averaged and probabilities summed"
            page shouldContain "→ “Paris” and “&lt;Rome&gt;”"
        }
        test("the page names the tokens of the script's functions") {
            val bundle = Fixtures.bundle(1)
            ReportPage.render(bundle) shouldNotContain "functions of the script name"
            ReportPage.render(bundle.copy(spec = bundle.spec.copy(tokens = tokens))) shouldContain
                "Tokens that functions of the script name: “Paris” (token 5) and “&lt;Rome&gt;” (token 7)."
        }
        test("a figure of tokens stands on a page") {
            val figure = FigureSpec(FigureKind.Heatmap, "lens.ranks")
            val bundle = Fixtures.bundle(1)
            val page =
                ReportPage.render(
                    bundle.copy(
                        spec = spec.copy(figures = listOf(figure)),
                        results = bundle.results.copy(results = listOf(ranks.result)),
                    ),
                )
            page shouldContain "lens.ranks: rank of the token, by layer and position"
        }
    })
