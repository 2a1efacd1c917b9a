package dev.kausal.dsl

import dev.kausal.dsl.bind.heads
import dev.kausal.engine.hooks.Axis
import dev.kausal.engine.hooks.HookKind
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe

/** Every site that a script can name, in layer 3. */
private fun sites(): List<WholeSite> {
    val model = Model<CausalLm>("any", CausalLm::class.java, null)
    val block = model.blocks[3]
    return listOf(model, block, block.attn, block.mlp).flatMap { owner ->
        owner.javaClass.methods
            .filter { WholeSite::class.java.isAssignableFrom(it.returnType) && it.parameterCount == 0 }
            .map { it.invoke(owner) as WholeSite }
    }
}

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
        test("sites name the hook points of TransformerLens's common set") {
            sites().map { it.address.kind } shouldContainAll
                listOf(HookKind.EMBED, HookKind.RESID_MID, HookKind.Q, HookKind.V, HookKind.RESULT, HookKind.POST)
        }
    })
