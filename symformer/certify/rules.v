(* What every exported page stands on: lemmas of sums, roots, exp and ln, and the tactics that close a step. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory. Local Open Scope ring_scope.

Section Sums.
Variable F : rcfType.
Implicit Types a b c x y : F.

Lemma under n (f g : 'I_n -> F) : (forall k, f k = g k) -> \sum_(k < n) f k = \sum_(k < n) g k.
Proof. by move=> h; apply: eq_bigr => k _; apply: h. Qed.
Lemma sum_more n c (S R : F) (g f : 'I_n -> F) :
  \sum_(k < n) g k = S -> \sum_(k < n) f k = R -> \sum_(k < n) (c * g k + f k) = c * S + R.
Proof. by move=> <- <-; rewrite big_split /= mulr_sumr. Qed.
Lemma sum_last n c (S : F) (g : 'I_n -> F) : \sum_(k < n) g k = S -> \sum_(k < n) (c * g k) = c * S.
Proof. by move=> <-; rewrite mulr_sumr. Qed.
Lemma sum_one n : \sum_(k < n) 1 = n%:R :> F.
Proof. by rewrite sumr_const card_ord. Qed.
Lemma sum_delta n (g : nat -> F) (b : 'I_n) : \sum_(k < n) ((k == b :> nat)%:R * g k) = g b.
Proof.
by rewrite (bigD1 b) //= eqxx mul1r big1 ?addr0 // => k /negbTE; rewrite -val_eqE /= => ->; rewrite mul0r.
Qed.
Lemma sum_delta' n (g : nat -> F) (b : 'I_n) : \sum_(k < n) ((b == k :> nat)%:R * g k) = g b.
Proof. by rewrite -[RHS](sum_delta g); apply: under => k; rewrite eq_sym. Qed.
Lemma sum_first n (g : nat -> F) : (0 < n)%N -> \sum_(k < n) ((k == 0%N :> nat)%:R * g k) = g 0%N.
Proof. by move=> h; rewrite (sum_delta g (Ordinal h)). Qed.
Lemma sum_first' n (g : nat -> F) : (0 < n)%N -> \sum_(k < n) ((0%N == k :> nat)%:R * g k) = g 0%N.
Proof. by move=> h; rewrite (sum_delta' g (Ordinal h)). Qed.
Lemma push n a x (t G : 'I_n -> F) :
  (forall l, a * (t l * x) = G l) -> a * ((\sum_(l < n) t l) * x) = \sum_(l < n) G l.
Proof. by move=> h; rewrite mulr_suml mulr_sumr; apply: under. Qed.
Lemma few (f : nat -> F) : (\sum_(k < 0) f k = 0) * (\sum_(k < 1) f k = f 0%N) * (\sum_(k < 2) f k = f 0%N + f 1%N)
  * (\sum_(k < 3) f k = f 0%N + f 1%N + f 2%N) * (\sum_(k < 4) f k = f 0%N + f 1%N + f 2%N + f 3%N).
Proof. by do ! split; rewrite ?big_ord_recr ?big_ord0 /= ?add0r. Qed.
Lemma bit_cases (T : Type) (f : nat -> T) i j :
  (i == j :> nat)%:R = 0 :> F \/ ((i == j :> nat)%:R = 1 :> F /\ f i = f j).
Proof. by case: eqP => [->|_]; [right | left]. Qed.
Lemma bit_alone (b : bool) : b%:R = 0 :> F \/ (b%:R = 1 :> F /\ 0 = 0 :> F).
Proof. by case: b; [right | left]. Qed.
Lemma delta_sym i j : (i == j :> nat)%:R = (j == i :> nat)%:R :> F. Proof. by rewrite eq_sym. Qed.
Lemma not_bit (b : bool) : (~~ b)%:R = 1 - b%:R :> F. Proof. by case: b; rewrite ?subr0 ?subrr. Qed.

Lemma pos_nz x : 0 < x -> x != 0. Proof. by move=> h; rewrite gt_eqF. Qed.
Lemma size_nz n : (0 < n)%N -> n%:R != 0 :> F. Proof. by rewrite pnatr_eq0 -lt0n. Qed.
Lemma size_pos n : (0 < n)%N -> 0 < n%:R :> F. Proof. by rewrite ltr0n. Qed.
Lemma sum_pos n (f : 'I_n -> F) : (0 < n)%N -> (forall k, 0 < f k) -> 0 < \sum_(k < n) f k.
Proof. by case: n f => // n f _ h; rewrite big_ord_recl ltr_paddr //; apply: sumr_ge0 => k _; apply: ltW. Qed.
Lemma sum_ge n (f : 'I_n -> F) : (forall k, 0 <= f k) -> 0 <= \sum_(k < n) f k.
Proof. by move=> h; apply: sumr_ge0 => k _. Qed.
Lemma pos_ge x y : 0 < x -> 0 <= y -> 0 < x + y. Proof. by move=> h k; apply: ltr_paddr. Qed.
Lemma ge_pos x y : 0 <= x -> 0 < y -> 0 < x + y. Proof. by move=> h k; apply: ltr_paddl. Qed.
Lemma root_pos x : 0 < x -> 0 < Num.sqrt x. Proof. by rewrite sqrtr_gt0. Qed.
Lemma inv_pos x : 0 < x -> 0 < x^-1. Proof. by rewrite invr_gt0. Qed.
Lemma even_ge k x : ~~ odd k -> 0 <= x ^+ k. Proof. by move=> h; apply: exprn_even_ge0. Qed.
Lemma self_ge x : 0 <= x * x. Proof. by rewrite -expr2 sqr_ge0. Qed.
Lemma sqrt_is x y : 0 <= y -> y ^+ 2 = x -> Num.sqrt x = y.
Proof. by move=> h <-; rewrite sqrtr_sqr ger0_norm. Qed.
Lemma sqrt_nz x : 0 <= x -> x != 0 -> Num.sqrt x != 0.
Proof. by move=> h1 h2; rewrite gt_eqF // sqrtr_gt0 lt_def h2. Qed.
Lemma square_nz x y : x ^+ 2 = y -> y != 0 -> x != 0. Proof. by move=> <-; rewrite expf_eq0. Qed.
Lemma factor_nz x y u : x != 0 -> x = y * u -> u != 0.
Proof. by move=> h e; apply: contraNneq h => z; rewrite e z mulr0. Qed.
Lemma factor_ge x y u : 0 <= x -> x = y * u -> 0 < y -> 0 <= u.
Proof. by move=> h e p; move: h; rewrite e pmulr_rge0. Qed.
Lemma factor_pos x y u : 0 < x -> x = y * u -> 0 < y -> 0 < u.
Proof. by move=> h e p; move: h; rewrite e pmulr_rgt0. Qed.
Lemma root_nz x : Num.sqrt x != 0 -> x != 0. Proof. by apply: contraNneq => ->; rewrite sqrtr0. Qed.
Lemma eq_pos x y : x = y -> 0 < y -> 0 < x. Proof. by move=> ->. Qed.

Section Exponential.
Variables exp ln : F -> F.
Hypothesis exp_add : forall a b, exp (a + b) = exp a * exp b.
Hypothesis exp_pos : forall a, 0 < exp a.
Hypothesis ln_exp : forall a, ln (exp a) = a.
Hypothesis ln_mul : forall a b, 0 < a -> 0 < b -> ln (a * b) = ln a + ln b.
Lemma exp_nz a : exp a != 0. Proof. exact: pos_nz. Qed.
Lemma exp_zero : exp 0 = 1. Proof. by apply: (mulfI (exp_nz 0)); rewrite -exp_add addr0 mulr1. Qed.
Lemma exp_neg a : exp (- a) = (exp a)^-1.
Proof. by apply: (mulfI (exp_nz a)); rewrite -exp_add subrr exp_zero divff // exp_nz. Qed.
Lemma exp_times k a : exp (k%:R * a) = exp a ^+ k.
Proof.
elim: k => [|k h]; first by rewrite mul0r exp_zero expr0.
by rewrite -addn1 natrD mulrDl exp_add h mul1r exprD expr1.
Qed.
Lemma exp_join a b x y : exp a = x -> exp b = y -> exp (a + b) = x * y. Proof. by move=> <- <-. Qed.
Lemma exp_less k a : exp (- (k%:R * a)) = (exp a ^+ k)^-1. Proof. by rewrite exp_neg exp_times. Qed.
Lemma exp_bit (b : bool) a : exp (b%:R * a) = 1 + b%:R * (exp a - 1).
Proof. by case: b; rewrite ?mul0r ?mul1r ?exp_zero ?addr0 // addrC subrK. Qed.
Lemma exp_switch (b : bool) a x : exp a = x -> exp (b%:R * a) = 1 + b%:R * (x - 1).
Proof. by move=> <-; exact: exp_bit. Qed.
Hypothesis exp_ln : forall a, 0 < a -> exp (ln a) = a.
Lemma exp_ln_times k a : 0 < a -> exp (k%:R * ln a) = a ^+ k. Proof. by move=> h; rewrite exp_times exp_ln. Qed.
Lemma exp_ln_less k a : 0 < a -> exp (- (k%:R * ln a)) = (a ^+ k)^-1.
Proof. by move=> h; rewrite exp_less exp_ln. Qed.
Lemma ln_one : ln 1 = 0. Proof. by rewrite -exp_zero ln_exp. Qed.
Lemma ln_inv a : 0 < a -> ln a^-1 = - ln a.
Proof. by move=> h; apply: (addrI (ln a)); rewrite -ln_mul ?invr_gt0 // divff ?pos_nz // ln_one subrr. Qed.
Lemma ln_power a k : 0 < a -> ln (a ^+ k) = k%:R * ln a.
Proof.
move=> h; elim: k => [|k e]; first by rewrite expr0 mul0r ln_one.
by rewrite exprS ln_mul ?exprn_gt0 // e -(addn1 k) natrD mulrDl mul1r addrC.
Qed.
Lemma ln_times k a : 0 < a -> ln (a ^+ k) = k%:R * ln a. Proof. exact: ln_power. Qed.
Lemma ln_less k a : 0 < a -> ln (a ^+ k)^-1 = - (k%:R * ln a).
Proof. by move=> h; rewrite ln_inv ?exprn_gt0 // ln_power. Qed.
Lemma ln_exp_times k a : ln (exp a ^+ k) = k%:R * a. Proof. by rewrite -exp_times ln_exp. Qed.
Lemma ln_exp_less k a : ln (exp a ^+ k)^-1 = - (k%:R * a). Proof. by rewrite -exp_less ln_exp. Qed.
Lemma ln_join a b x y : 0 < a -> 0 < b -> ln a = x -> ln b = y -> ln (a * b) = x + y.
Proof. by move=> h k <- <-; exact: ln_mul. Qed.
End Exponential.
End Sums.

(* Signs that can be read off: of what is declared, squares, roots, exp, sums, products and quotients of these. *)
Ltac known := first [assumption | match goal with h : _ |- _ => solve [apply: h] end].
Ltac pos := first [known | exact: ltr01 | solve [rewrite ltr0n //; known] | solve [rewrite sqrtr_gt0; pos]
  | solve [apply: sum_pos => [|?]; [done | pos]] | solve [apply: mulr_gt0; pos] | solve [apply: divr_gt0; pos]
  | solve [apply: exprn_gt0; pos] | solve [rewrite invr_gt0; pos] | solve [apply: addr_gt0; pos]
  | solve [apply: ltr_paddl; [ge | pos]] | solve [apply: ltr_paddr; [ge | pos]] | solve [rewrite subr_gt0; known]]
with ge := first [known | exact: ler0n | exact: ler01 | exact: sqrtr_ge0 | exact: sqr_ge0
  | solve [rewrite -expr2; exact: sqr_ge0] | solve [apply: sumr_ge0 => ? _; ge] | solve [apply: mulr_ge0; ge]
  | solve [apply: divr_ge0; ge] | solve [apply: exprn_ge0; ge] | solve [rewrite invr_ge0; ge] | solve [apply: addr_ge0; ge]
  | solve [apply: exprn_even_ge0] | solve [apply: ltW; pos] | solve [rewrite subr_ge0; known]].

(* An identity of letters: deltas by cases, then ring or field, where hypotheses say what is not 0 and what roots are. *)
Ltac nonzero := first [assumption | exact: isT | exact: oner_neq0 | solve [rewrite pnatr_eq0 //]
  | match goal with h : ?r ^+ 2 = ?p, k : is_true (?p != 0) |- is_true (?r != 0) => exact: square_nz h k end
  | match goal with h : is_true (?p != 0) |- is_true (?g != 0) =>
      first [(have -> : g = p by ring); exact: h | (have -> : g = - p by ring); rewrite oppr_eq0; exact: h
        | (have -> : g = 2%:R * p by field); apply: mulf_neq0; [by rewrite pnatr_eq0 | exact: h]] end
  | solve [apply: mulf_neq0; nonzero] | solve [apply: expf_neq0; nonzero] | solve [rewrite invr_eq0; nonzero]
  | solve [rewrite oppr_eq0; nonzero]
  | match goal with h : ?r ^+ 2 = ?p, k : is_true (?r != 0) |- is_true (?g != 0) =>
      (have -> : g = r ^+ 2 by rewrite h; ring); exact: expf_neq0 end
  | match goal with h : is_true (?p != 0), k : is_true (?q != 0) |- is_true (?g != 0) =>
      (have -> : g = p * q by ring); exact: mulf_neq0 end].
Ltac nonzeros := repeat match goal with |- is_true (_ && _) => apply/andP; split | |- _ /\ _ => split end; nonzero.
Ltac closes := first [reflexivity | ring | solve [field; nonzeros]
  | match goal with h : _ ^+ 2 = _ |- _ => first [solve [ring: h] | solve [field: h; nonzeros]] end
  | match goal with h : _ ^+ 2 = _, k : _ ^+ 2 = _ |- _ => solve [field: h k; nonzeros] end
  | match goal with h : _ ^+ 2 = _, k : _ ^+ 2 = _, l : _ ^+ 2 = _ |- _ => solve [field: h k l; nonzeros] end
  | solve [rewrite ?exprMn ?exprVn; repeat match goal with h : ?r ^+ 2 = _ |- context [?r ^+ 2] => rewrite h end; field; nonzeros]].
Ltac cases := repeat match goal with h : _ \/ _ |- _ => destruct h as [h | [? h]]; [ | repeat (injection h; clear h; intros)] end.
Ltac algebra := intros; subst; closes.
Ltac quotients := intros; subst; first [reflexivity | solve [field; nonzeros] | closes].
Ltac algebra_by_cases := intros; cases; subst; closes.
Ltac indicator := rewrite -?leqNgt ?ltnNge ?not_bit ?eqxx ?leqnn; first [reflexivity | by rewrite eq_sym | ring].
(* Two texts that differ in the order of what commutes. *)
Ltac same := first [reflexivity | exact: delta_sym | ring
  | match goal with
    | |- _ * _ = _ * _ => congr (_ * _); same
    | |- _ ^+ _ = _ ^+ _ => congr (_ ^+ _); same
    | |- ?e _ = ?e _ => congr (e _); same
    | |- @BigOp.bigop _ _ _ _ _ = @BigOp.bigop _ _ _ _ _ => first [solve [apply: under => ?; same]
        | solve [rewrite exchange_big; apply: under => ?; same]] end].
