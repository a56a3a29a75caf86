"""Addresses of orders, under /orders/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from .alike import views as alike
from .board import bulk_views, matter_views, views
from .clock.views import lead_proposals
from .closings import views as closings
from .families import views as families
from .hung import views as hung
from .ledger import views as ledger
from .papers import register_views
from .papers import views as papers
from .petitions import views as petitions

if TYPE_CHECKING:
    from django.urls import URLPattern

urlpatterns: list[URLPattern] = [
    path("inbox/", views.inbox_page, name="inbox"),
    path("matters/", views.matter_list, name="matters"),
    path("matters/new/", matter_views.new_matter, name="new_matter"),
    path("matters/family/", families.new_family, name="new_family"),
    path("matters/bulk/", bulk_views.bulk_page, name="bulk"),
    path("matters/<int:number>/", matter_views.matter_page, name="matter"),
    path("matters/<int:number>/act/<str:name>/", matter_views.act, name="act"),
    path("matters/<int:number>/papers/<int:paper_id>/", matter_views.paper, name="matter_paper"),
    path("matters/<int:number>/alike/", alike.alike_page, name="alike"),
    path("alike/", alike.mine_page, name="alike_mine"),
    path("alike/<int:number>/", alike.one_page, name="alike_one"),
    path("alike/<int:number>/papers/<int:paper_id>/", alike.paper, name="alike_paper"),
    path("matters/<int:number>/documents/", papers.of_matter, name="papers"),
    path("matters/<int:number>/documents/new/", papers.new_paper, name="new_paper"),
    path("papers/", register_views.register, name="numbers"),
    path("papers/templates/<int:word>/<str:layout>/", register_views.template, name="paper_template"),
    path("papers/<int:number>/", papers.paper, name="paper"),
    path("papers/<int:number>/write/", papers.write_paper, name="write_paper"),
    path("papers/<int:number>/pdf/", papers.paper_pdf, name="paper_pdf"),
    path("papers/<int:number>/word/", papers.paper_word, name="paper_word"),
    path("papers/<int:number>/files/<int:file>/", papers.paper_file, name="paper_file"),
    path("papers/<int:number>/receipts/<int:recipient>/", papers.receipt_pdf, name="paper_receipt"),
    path("petitions/", petitions.petition_list, name="petitions"),
    path("petitions/new/", petitions.new_petition, name="new_petition"),
    path("petitions/hotline/", petitions.hotline_page, name="hotline"),
    path("petitions/erasing/", petitions.erase_page, name="petition_erasing"),
    path("petitions/<int:number>/", petitions.petition_page, name="petition"),
    path("petitions/<int:number>/letters/", petitions.new_letter, name="petition_letter"),
    path("early/", closings.early_page, name="early"),
    path("board/", views.board_page, name="board"),
    path("offices/", views.office_options, name="offices"),
    path("heat/", views.heat_page, name="heat"),
    path("ledger/", ledger.ledger_page, name="ledger"),
    path("ledger/sums/", ledger.sums_page, name="ledger_sums"),
    path("ledger/report/", ledger.report_page, name="ledger_report"),
    path("ledger/report/pdf/", ledger.report_pdf, name="ledger_report_pdf"),
    path("hung/", hung.sign_list, name="hung"),
    path("hung/new/", hung.new_sign, name="hang"),
    path("hung/<int:number>/", hung.sign_page, name="hung_sign"),
    path("hung/<int:number>/papers/<int:paper_id>/", hung.paper, name="hung_paper"),
    path("proposals/", lead_proposals, name="lead_proposals"),
]
