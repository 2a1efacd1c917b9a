package dev.kausal.dsl

import dev.kausal.engine.hooks.Axis
import dev.kausal.engine.hooks.HookKind
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

/** Every site that a script can name, in layer 3. */
private fun sites(): List<WholeSite> {
    val model = Model<CausalLm>("any", CausalLm::class.java, null)
    return within(model) + within(model.blocks[3])
}

/** The sites of [owner] and of the parts that it names. */
private fun within(owner: Any): List<WholeSite> {
    val found = owner.javaClass.methods.filter { it.parameterCount == 0 && it.name.startsWith("get") }
    val sites = found.filter { WholeSite::class.java.isAssignableFrom(it.returnType) }
    val parts = found.filter { it.returnType in listOf(Attention::class.java, Mlp::class.java) + norms }
    return sites.map { it.invoke(owner) as WholeSite } + parts.flatMap { within(it.invoke(owner)) }
}

private val norms = listOf(Norm::class.java, HeadNorm::class.java, MaskedLmHead::class.java)

class SitesTest :
    FunSpec({
        test("a site's type says how its hook point is divided") {
            sites().forEach { site ->
                val axes = site.address.kind.axes()
                withClue("$site has $axes") {
                    val type =
                        when {
                            axes.any { it.heads() } && Axis.KEY in axes -> PatternSite::class
                            axes.any { it.heads() } -> HeadSite::class
                            Axis.D_MLP in axes -> NeuronSite::class
                            Axis.SCALE in axes -> ScaleSite::class
                            Axis.OUTPUT in axes -> LogitsSite::class
                            else -> ResidualSite::class
                        }
                    site::class shouldBe type
                }
            }
        }
        test("a site is in its layer where its hook point is") {
            sites().forEach { site ->
                withClue("$site") {
                    (site.address.layer != null) shouldBe site.address.kind.layered()
                    site.toString().startsWith("blocks.3.") shouldBe site.address.kind.layered()
                }
            }
        }
        test("every hook point of the engine is a site of scripts, under one name, or two for the final norm") {
            val named = sites().groupingBy { it.address.kind }.eachCount()
            named.keys shouldBe HookKind.entries.toSet()
            named.filterValues { it > 1 } shouldBe mapOf(HookKind.FINAL_NORMALIZED to 2)
        }
        test("only sites with heads or neurons can be divided") {
            val divided = listOf("head", "neuron")
            val divisible = sites().filter { site -> site.javaClass.methods.any { it.name in divided } }
            divisible.map { it.address.kind }.toSet() shouldBe
                HookKind.entries.filter { kind -> kind.axes().any { it.heads() || it == Axis.D_MLP } }.toSet()
        }
    })
